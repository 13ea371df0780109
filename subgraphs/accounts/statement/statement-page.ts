import type { NotedGoods } from '../ledger/note.ts';
import type { Locale } from '../membership/member.ts';
import { pageStyle } from './page-style.ts';
import { type PageWords, pageWords } from './page-words.ts';
import type { MerchantLineRecord, PooledRecord, ProgrammeRecord, StatementRecord } from './record.ts';

/** What a page is made of. */
export interface PageContent {
  readonly record: StatementRecord;
  /** By code. */
  readonly programmeNames: ReadonlyMap<string, string>;
  readonly lines: readonly string[];
  /** Null for a preview. */
  readonly proof: { readonly hash: string; readonly signature: string; readonly keyId: string } | null;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is safe to put into a page as it is. */
class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly Markup[];

function shown(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (Array.isArray(part)) return part.map(shown).join('');
  return String(part).replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Markup with everything put into it escaped, unless it is markup itself. */
const html = (parts: TemplateStringsArray, ...values: readonly Part[]): Markup =>
  new Markup(parts.map((part, i) => part + (i < values.length ? shown(values[i]!) : '')).join(''));

const nothing = html``;

/** How a page says things: its words, and numbers and points as its language writes them. */
interface Voice {
  readonly words: PageWords;
  readonly locale: Locale;
  readonly number: (points: bigint) => string;
  readonly signed: (points: bigint) => string;
}

function voiceOf(locale: Locale): Voice {
  const plain = new Intl.NumberFormat(locale);
  const signed = new Intl.NumberFormat(locale, { signDisplay: 'exceptZero' });
  const words = pageWords[locale];
  return {
    words,
    locale,
    number: (points) => plain.format(points),
    signed: (points) => signed.format(points),
  };
}

const row = ({ signed }: Voice, label: string, what: Part, points: bigint): Markup =>
  html`<tr><th scope="row">${label}</th><td>${what}</td><td class="n${points > 0n ? ' plus' : ''}">${signed(points)}</td></tr>`;

/** Most rows of one kind: the rest is added up, so that a busy month still fits on a sheet. */
const mostRows = 5;

interface Line {
  readonly what: Part;
  readonly points: bigint;
}

function rows(voice: Voice, label: string, lines: readonly Line[]): Markup[] {
  const size = ({ points }: Line) => (points < 0n ? -points : points);
  const ordered = [...lines].sort((a, b) => (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : 0));
  const told = ordered.length > mostRows ? ordered.slice(0, mostRows - 1) : ordered;
  const rest = ordered.slice(told.length);
  const sum = rest.reduce((total, { points }) => total + points, 0n);
  const all = rest.length > 0 ? [...told, { what: voice.words.more(rest.length), points: sum }] : told;
  return all.map(({ what, points }, i) => row(voice, i === 0 ? label : '', what, points));
}

const merchantRows = (voice: Voice, label: string, lines: readonly MerchantLineRecord[]): Markup[] =>
  rows(
    voice,
    label,
    lines.map(({ merchant, points }) => ({ what: merchant, points })),
  );

function goodsText({ locale, number }: Voice, goods: readonly NotedGoods[]): string {
  const each = goods.map((one) => `${number(BigInt(one.quantity))} ${one.unit} ${one.goods}`);
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(each);
}

const donationRows = (voice: Voice, lines: ProgrammeRecord['donated']): Markup[] =>
  rows(
    voice,
    voice.words.donated,
    lines.map(({ name, causeId, goods, points }) => ({
      what: html`${name ?? causeId}${goods.length > 0 ? html`<small>${voice.words.setAside(goodsText(voice, goods))}</small>` : nothing}`,
      points,
    })),
  );

const wideRow = ({ signed }: Voice, label: string, points: bigint): Markup =>
  html`<tr><th scope="row" colspan="2">${label}</th><td class="n${points > 0n ? ' plus' : ''}">${signed(points)}</td></tr>`;

const single = (voice: Voice, label: string, points: bigint): Markup =>
  points === 0n ? nothing : wideRow(voice, label, points);

const balanceRow = ({ number }: Voice, label: string, points: bigint, sum: boolean): Markup =>
  html`<tr${sum ? html` class="sum"` : nothing}><th scope="row" colspan="2">${label}</th><td class="n">${number(points)}</td></tr>`;

function table(voice: Voice, one: ProgrammeRecord, closing: string): Markup {
  const { words } = voice;
  return html`<table><tbody>${[
    balanceRow(voice, words.opening, one.opening, false),
    ...merchantRows(voice, words.earned, one.earned),
    ...merchantRows(voice, words.returned, one.returned),
    ...merchantRows(voice, words.spent, one.spent),
    ...merchantRows(voice, words.refunded, one.refunded),
    single(voice, words.giftsReceived, one.giftsReceived),
    single(voice, words.giftsGiven, one.giftsGiven),
    ...donationRows(voice, one.donated),
    single(voice, words.contributed, one.contributed),
    single(voice, words.takenBack, one.takenBack),
    single(voice, words.expired, one.expired),
    single(voice, words.restored, one.restored),
    single(voice, words.deducted, one.deducted),
    single(voice, words.restituted, one.restituted),
    single(voice, words.other, one.other),
    balanceRow(voice, closing, one.closing, true),
  ]}</tbody></table>`;
}

function partsOf({ words, number }: Voice, one: ProgrammeRecord): Markup {
  const parts: [string, bigint][] = [
    [words.available, one.available],
    [words.pending, one.pending],
    [words.held, one.held],
    [words.arrears, one.arrears],
  ];
  const items = parts
    .filter(([label, points]) => points !== 0n || label === words.available)
    .map(([label, points]) => html`<li>${label} <b>${number(points)}</b></li>`);
  const unlocked = one.unlocked > 0n ? html`<li>${words.unlocked(number(one.unlocked))}</li>` : nothing;
  return html`<ul class="parts">${items}${unlocked}</ul>`;
}

function expiries({ words, number }: Voice, nextExpiries: ProgrammeRecord['nextExpiries']): Markup {
  if (nextExpiries.length === 0) return html`<h3>${words.noExpiries}</h3>`;
  // The instant is the first at which the points are gone: people count with the day before.
  const dates = nextExpiries.map(
    ({ at, points }) => html`<li>${words.day(new Date(at.getTime() - 1))} · <b>${number(points)}</b></li>`,
  );
  return html`<h3>${words.nextExpiries}</h3><ul class="dates">${dates}</ul>`;
}

function pooled(voice: Voice, one: PooledRecord | null, closing: string): Markup {
  if (!one) return nothing;
  const { words, number } = voice;
  const parts = [
    [words.available, one.available],
    [words.held, one.held],
  ] as const;
  const items = parts.map(([label, points]) => html`<li>${label} <b>${number(points)}</b></li>`);
  const held = one.held > 0n ? html`<ul class="parts">${items}</ul>` : nothing;
  return html`<h3>${words.pooled}</h3><table><tbody>${[
    balanceRow(voice, words.opening, one.opening, false),
    single(voice, words.putIn, one.contributed),
    ...merchantRows(voice, words.spentByHousehold, one.spent),
    ...merchantRows(voice, words.refunded, one.refunded),
    single(voice, words.broughtBack, one.takenBack),
    single(voice, words.expired, one.expired),
    single(voice, words.other, one.other),
    balanceRow(voice, closing, one.closing, true),
  ]}</tbody></table>${held}${one.nextExpiries.length > 0 ? expiries(voice, one.nextExpiries) : nothing}`;
}

function programme(voice: Voice, one: ProgrammeRecord, name: string, closing: string): Markup {
  const { words, number } = voice;
  const balance = html`<div class="balance">${number(one.closing)}<small>${words.points}</small></div>`;
  return html`<section><div class="top"><h2>${name}</h2>${balance}</div>${table(voice, one, closing)}${partsOf(voice, one)}${expiries(voice, one.nextExpiries)}${pooled(voice, one.pooled, closing)}</section>`;
}

const heart = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 21s-8-5.2-9.6-10C1.2 7.4 3.3 4 6.8 4 9 4 10.9 5.2 12 7c1.1-1.8 3-3 5.2-3 3.5 0 5.6 3.4 4.4 7C20 15.800 12 21 12 21z"/></svg>`;

const warmLines = (lines: readonly string[]): Markup =>
  lines.length === 0
    ? nothing
    : html`<div class="lines"><ul>${lines.map((line) => html`<li>${heart}${line}</li>`)}</ul></div>`;

function footer({ words }: Voice, { record, proof }: PageContent): Markup {
  const signed = proof
    ? html`<p>${words.signed}</p><dl><dt>${words.hash}</dt><dd>${proof.hash}</dd><dt>${words.signature}</dt><dd>${proof.signature}</dd><dt>${words.key}</dt><dd>${proof.keyId}</dd></dl>`
    : nothing;
  return html`<footer><p>${words.member} ${record.memberId} · ${words.utc}</p>${signed}</footer>`;
}

const style = new Markup(pageStyle);

/** A statement as one page that needs nothing else: escaped throughout, for a screen, a phone and a sheet of A4. */
export function statementPage(content: PageContent, locale: Locale): string {
  const { record, programmeNames, lines, proof } = content;
  const voice = voiceOf(locale);
  const { words } = voice;
  const closing = proof ? words.closing : words.closingNow;
  const month = words.month(record.from);
  const sections = record.programmes.map((one) =>
    programme(voice, one, programmeNames.get(one.programme) ?? one.programme, closing),
  );
  const body = sections.length > 0 ? sections : [html`<section><p>${words.nothing}</p></section>`];
  return html`<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title} · ${month}</title><style>${style}</style></head>
<body><main><header><p>${words.title}</p><h1>${month}</h1></header>
${proof ? nothing : html`<div class="notice" role="status">${words.running}</div>`}${warmLines(lines)}${body}${footer(voice, content)}</main></body></html>
`.text;
}

import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from '../membership/member.ts';
import english from './messages/en.json' with { type: 'json' };
import chinese from './messages/zh-CN.json' with { type: 'json' };
import type { FittingLine } from './warm-kind.ts';

/** A text in every language that members are addressed in. */
export type WarmTexts = Readonly<Record<Locale, string>>;

/** A line as it is told, in every language. */
export interface WarmLine {
  readonly kind: string;
  readonly texts: WarmTexts;
}

const messages: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  'zh-CN': chinese,
  en: english,
};

const locales: readonly Locale[] = ['zh-CN', 'en'];

/** Formats an ICU message. Tags are text: nothing here makes markup. Throws for a message that does not parse. */
const format = (text: string, locale: Locale, values: Readonly<Record<string, string | number>>): string =>
  String(new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).format(values));

const goodsIn = ({ goods = [] }: FittingLine, locale: Locale): string => {
  const number = new Intl.NumberFormat(locale);
  const each = goods.map((one) => {
    const quantity = number.format(BigInt(one.quantity));
    return locale === 'en'
      ? `${quantity} ${one.unit} of ${one.goods}`
      : `${quantity} ${one.unit} ${one.goods}`;
  });
  return new Intl.ListFormat(locale, { type: 'conjunction' }).format(each);
};

/** Says a line in every language, by our own messages or those that a merchant wrote. Throws where a message cannot be told. */
export function tellLine(line: FittingLine, written: ReadonlyMap<string, WarmTexts>): WarmLine {
  const tell = (locale: Locale): string => {
    const text = written.get(line.kind)?.[locale] ?? messages[locale][line.kind];
    if (text === undefined) throw new Error(`no message for ${line.kind} in ${locale}`);
    return format(text, locale, { ...line.args, goods: goodsIn(line, locale) });
  };
  return { kind: line.kind, texts: { 'zh-CN': tell('zh-CN'), en: tell('en') } };
}

/** Says lines in every language. One that cannot be told is left out: no personal line ever hinders the signed record. */
export const tellLines = (
  lines: readonly FittingLine[],
  written: ReadonlyMap<string, WarmTexts>,
): WarmLine[] =>
  lines.flatMap((line) => {
    try {
      return [tellLine(line, written)];
    } catch {
      return [];
    }
  });

const mostCharacters = 200;

/** What a merchant's message may name. */
const known = new Set(['reward']);

interface Element {
  readonly type: number;
  readonly value?: unknown;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

/** What a message is made of, as its parser numbers it. */
const [literal, argument, select, pound] = [0, 1, 5, 7];

/** What a merchant's message may be made of: a name is neither a number nor a date, and formatting it as one throws. */
const plain = new Set([literal, argument, select]);

/** All elements, those inside the choices of others too. */
const allOf = (elements: readonly Element[]): Element[] =>
  elements.flatMap((element) => [
    element,
    ...Object.values(element.options ?? {}).flatMap(({ value }) => allOf(value)),
  ]);

function elementsFault(elements: readonly Element[]): string | null {
  const names = elements.filter(({ type }) => type !== literal && type !== pound);
  const unknown = names.find(({ value }) => !known.has(String(value)));
  if (unknown) return `a message that names nothing but {reward}; it names {${String(unknown.value)}}`;
  return elements.every(({ type }) => plain.has(type))
    ? null
    : 'a message that takes {reward} as it is or in a select, not as a number, date, time or plural';
}

/** What a merchant's message should have been, to follow "must be"; null if it is fine. */
export function messageFault(text: string, locale: Locale): string | null {
  if (Array.from(text).length > mostCharacters || text.trim() === '')
    return `1 to ${mostCharacters} characters`;
  if (/[<>\p{Cc}]/u.test(text)) return 'plain text without markup or control characters';
  try {
    const ast = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).getAst();
    return elementsFault(allOf(ast as readonly Element[]));
  } catch {
    return 'an ICU message';
  }
}

/** The first faulty language of a merchant's message and what is wrong; null if all are fine. */
export function textsFault(texts: WarmTexts): { locale: Locale; expected: string } | null {
  for (const locale of locales) {
    const expected = messageFault(texts[locale], locale);
    if (expected) return { locale, expected };
  }
  return null;
}

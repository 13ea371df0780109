import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from '../membership/member.ts';
import english from './messages/en.json' with { type: 'json' };
import chinese from './messages/zh-CN.json' with { type: 'json' };
import { saysSomething } from './visible-text.ts';
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

/** Most characters of a line as it is told: a message may name a long reward more than once. */
const mostTold = 400;

/**
 * Says a line in every language, by our own messages or those that a merchant wrote. Throws where a message cannot be told:
 * where it does not format, or comes to nothing that can be read or to more than fits.
 */
export function tellLine(line: FittingLine, written: ReadonlyMap<string, WarmTexts>): WarmLine {
  const tell = (locale: Locale): string => {
    const text = written.get(line.kind)?.[locale] ?? messages[locale][line.kind];
    if (text === undefined) throw new Error(`no message for ${line.kind} in ${locale}`);
    const told = format(text, locale, { ...line.args, goods: goodsIn(line, locale) });
    if (!saysSomething(told)) throw new Error(`${line.kind} says nothing in ${locale}`);
    if (Array.from(told).length > mostTold) throw new Error(`${line.kind} is too long in ${locale}`);
    return told;
  };
  return { kind: line.kind, texts: { 'zh-CN': tell('zh-CN'), en: tell('en') } };
}

function toldOrNull(line: FittingLine, written: ReadonlyMap<string, WarmTexts>): WarmLine | null {
  try {
    return tellLine(line, written);
  } catch {
    return null;
  }
}

/** Whether a line can be told in every language. */
export const canTell = (line: FittingLine, written: ReadonlyMap<string, WarmTexts>): boolean =>
  toldOrNull(line, written) !== null;

/** Says lines in every language. One that cannot be told is left out: no personal line ever hinders the signed record. */
export const tellLines = (
  lines: readonly FittingLine[],
  written: ReadonlyMap<string, WarmTexts>,
): WarmLine[] => lines.flatMap((line) => toldOrNull(line, written) ?? []);

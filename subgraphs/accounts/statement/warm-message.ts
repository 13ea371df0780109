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

/** Says a line in every language, by our own messages or those that a merchant wrote. */
export function tellLine(line: FittingLine, written: ReadonlyMap<string, WarmTexts>): WarmLine {
  const tell = (locale: Locale): string => {
    const text = written.get(line.kind)?.[locale] ?? messages[locale][line.kind];
    if (text === undefined) throw new Error(`no message for ${line.kind} in ${locale}`);
    return format(text, locale, { ...line.args, goods: goodsIn(line, locale) });
  };
  return { kind: line.kind, texts: { 'zh-CN': tell('zh-CN'), en: tell('en') } };
}

const mostCharacters = 200;

/** What a merchant's message may name. */
const known = new Set(['reward']);

interface Element {
  readonly type: number;
  readonly value?: unknown;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}

const literal = 0;
const pound = 7;

const argumentsOf = (elements: readonly Element[]): string[] =>
  elements.flatMap(({ type, value, options }) => [
    ...(type === literal || type === pound ? [] : [String(value)]),
    ...Object.values(options ?? {}).flatMap((option) => argumentsOf(option.value)),
  ]);

/** What a merchant's message should have been, to follow "must be"; null if it is fine. */
export function messageFault(text: string, locale: Locale): string | null {
  if (Array.from(text).length > mostCharacters || text.trim() === '')
    return `1 to ${mostCharacters} characters`;
  if (/[<>\p{Cc}]/u.test(text)) return 'plain text without markup or control characters';
  try {
    const ast = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).getAst();
    const unknown = argumentsOf(ast as readonly Element[]).find((name) => !known.has(name));
    return unknown === undefined ? null : `a message that names nothing but {reward}; it names {${unknown}}`;
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

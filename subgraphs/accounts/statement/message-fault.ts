import { IntlMessageFormat } from 'intl-messageformat';
import type { Locale } from '../membership/member.ts';
import { hidesSomething, isBlank, saysSomething } from './visible-text.ts';
import type { WarmTexts } from './warm-message.ts';

const locales: readonly Locale[] = ['zh-CN', 'en'];

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

/** What each choice of an element says. */
const branchesOf = ({ options = {} }: Element): (readonly Element[])[] =>
  Object.values(options).map(({ value }) => value);

/** All elements, those inside the choices of others too. */
const allOf = (elements: readonly Element[]): Element[] =>
  elements.flatMap((element) => [element, ...branchesOf(element).flatMap(allOf)]);

/** Whether elements show nothing at all. */
const isEmpty = (elements: readonly Element[]): boolean =>
  elements.every(({ type, value }) => type === literal && isBlank(String(value)));

/** Whether elements say something whatever is chosen; the name of a reward always does. */
const alwaysSays = (elements: readonly Element[]): boolean =>
  elements.some((element) => {
    if (element.type === literal) return saysSomething(String(element.value));
    return element.type === argument || branchesOf(element).every(alwaysSays);
  });

function elementsFault(elements: readonly Element[]): string | null {
  const names = elements.filter(({ type }) => type !== literal && type !== pound);
  const unknown = names.find(({ value }) => !known.has(String(value)));
  if (unknown) return `a message that names nothing but {reward}; it names {${String(unknown.value)}}`;
  return elements.every(({ type }) => plain.has(type))
    ? null
    : 'a message that takes {reward} as it is or in a select, not as a number, date, time or plural';
}

/** What is wrong with what a message says, whichever of its choices is told. */
function wordsFault(message: readonly Element[]): string | null {
  const all = allOf(message);
  if (all.some((element) => branchesOf(element).some(isEmpty)))
    return 'a message that says something in every choice';
  return alwaysSays(message) ? null : 'a message with a letter, number or symbol that can be seen';
}

/** What a merchant's message should have been, to follow "must be"; null if it is fine. */
export function messageFault(text: string, locale: Locale): string | null {
  if (Array.from(text).length > mostCharacters || text.trim() === '')
    return `1 to ${mostCharacters} characters`;
  if (/[<>\p{Cc}]/u.test(text)) return 'plain text without markup or control characters';
  if (hidesSomething(text)) return 'text without invisible or reordering characters';
  try {
    const ast = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true }).getAst();
    const elements = ast as readonly Element[];
    return elementsFault(allOf(elements)) ?? wordsFault(elements);
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

import type { GotReward, WarmFacts } from './warm-facts.ts';

/** Values that a message may name. */
export type WarmArguments = Readonly<Record<string, string | number>>;

/** A goods list in the language of the message is made when the message is. */
export interface FittingLine {
  /** Which kind of line it is; of a merchant's own `merchant:<id>:<category>`. */
  readonly kind: string;
  readonly args: WarmArguments;
  /** What pledges set aside, told as `goods`. */
  readonly goods?: WarmFacts['donations'][number]['goods'];
}

/** A kind of line: what the month must show for it, or null if it does not. */
type Fits = (facts: WarmFacts) => Omit<FittingLine, 'kind'> | null;

const has = (categories: readonly string[], pattern: RegExp): boolean =>
  categories.some((category) => pattern.test(category));

const reward =
  (pattern: RegExp): Fits =>
  ({ rewards }) => {
    const found = rewards.find(({ categories }) => has(categories, pattern));
    return found ? { args: { reward: found.name } } : null;
  };

const bought =
  (pattern: RegExp): Fits =>
  ({ purchases }) => {
    const count = [...purchases].reduce(
      (most, [name, n]) => (pattern.test(name) ? Math.max(most, n) : most),
      0,
    );
    return count > 0 ? { args: { count } } : null;
  };

const donation =
  (fits: (one: WarmFacts['donations'][number]) => boolean): Fits =>
  ({ donations }) => {
    const found = donations.find(fits);
    return found ? { args: { cause: found.name, points: Number(found.points) }, goods: found.goods } : null;
  };

const amount =
  (of: (facts: WarmFacts) => bigint, least: bigint): Fits =>
  (facts) =>
    of(facts) >= least ? { args: { points: Number(of(facts)) } } : null;

const pet = /^(pet|宠物)/i;
const petToy = /^(pet[ -]?toys?|宠物玩具)$/i;
const petFood = /^(pet[ -]?food|宠物(食品|粮))$/i;
const animals = /animal|动物/i;

/** From how many points on a month in which nothing was used is worth a word. */
const muchSaved = 1_000n;
const longStreak = 3;

/** All kinds, the most specific first. */
const kinds: readonly (readonly [kind: string, fits: Fits])[] = [
  ['pet-toy', reward(petToy)],
  ['pet-food', reward(petFood)],
  ['donation-matched', donation(({ goods }) => goods.length > 0)],
  ['donation-animals', donation(({ categories }) => has(categories, animals))],
  ['pet', reward(pet)],
  ['book', reward(/^(books?|图书|书籍)$/i)],
  ['drink', reward(/^(drinks?|coffee|tea|饮品|咖啡|茶)$/i)],
  ['food', reward(/^(food|cake|美食|食品)$/i)],
  ['household', reward(/^(household|家居|日用)$/i)],
  ['gift-given', amount(({ giftsGiven }) => giftsGiven, 1n)],
  ['gift-received', amount(({ giftsReceived }) => giftsReceived, 1n)],
  ['rescued', amount(({ rescued }) => rescued, 1n)],
  ['anniversary', ({ years }) => (years > 0 ? { args: { years } } : null)],
  ['first-earn', ({ firstEarn }) => (firstEarn ? { args: {} } : null)],
  ['donation', donation(() => true)],
  ['pet-purchase', bought(pet)],
  ['grocery-purchase', bought(/^(grocer(y|ies)|食品杂货|生鲜)$/i)],
  ['streak', ({ monthsInARow }) => (monthsInARow >= longStreak ? { args: { months: monthsInARow } } : null)],
  ['saver', amount(({ saved }) => saved, muchSaved)],
];

/** Names of all kinds of our own, the most specific first. */
export const warmKinds: readonly string[] = kinds.map(([kind]) => kind);

/** A line that a merchant wrote for its rewards of a category. */
export interface MerchantWarmLine {
  readonly merchantId: string;
  readonly category: string;
}

/** The kind of a merchant's own line. */
export const merchantKind = ({ merchantId, category }: MerchantWarmLine): string =>
  `merchant:${merchantId}:${category}`;

/** Kinds that say much the same as another: of those that fit only the first is told. */
const alike: readonly (readonly string[])[] = [
  ['pet-toy', 'pet-food', 'pet'],
  ['donation-matched', 'donation-animals', 'donation'],
];

function withoutAlike(lines: readonly FittingLine[]): FittingLine[] {
  const told = new Set<readonly string[]>();
  return lines.filter(({ kind }) => {
    const group = alike.find((kinds) => kinds.includes(kind));
    if (!group) return true;
    if (told.has(group)) return false;
    told.add(group);
    return true;
  });
}

const ownLine = (got: GotReward, lines: readonly MerchantWarmLine[]): FittingLine[] =>
  lines
    .filter(({ merchantId, category }) => merchantId === got.merchantId && got.categories.includes(category))
    .map((line) => ({ kind: merchantKind(line), args: { reward: got.name } }));

/** Every line that the month shows to be true, the most specific first; what merchants wrote comes before our own. */
export function fittingLines(facts: WarmFacts, own: readonly MerchantWarmLine[]): FittingLine[] {
  const written = facts.rewards.flatMap((got) => ownLine(got, own));
  const seen = new Set<string>();
  const first = written.filter(({ kind }) => !seen.has(kind) && seen.add(kind));
  const ours = kinds.flatMap(([kind, fits]) => {
    const line = fits(facts);
    return line ? [{ kind, ...line }] : [];
  });
  return [...first, ...ours];
}

const mostLines = 3;

/**
 * Chooses at most three lines: the most specific first, no two that say much the same, and those of the months before and
 * after only if nothing else is left.
 */
export function chooseLines(lines: readonly FittingLine[], told: ReadonlySet<string>): FittingLine[] {
  const fresh = withoutAlike(lines.filter(({ kind }) => !told.has(kind)));
  if (fresh.length > 0) return fresh.slice(0, mostLines);
  return withoutAlike(lines).slice(0, mostLines);
}

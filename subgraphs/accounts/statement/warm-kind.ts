import { animals, groceries, has, kindOfCategory, pet, rewardKinds } from './category-words.ts';
import { type GotReward, longestRow, type WarmFacts } from './warm-facts.ts';

/** Values that a message may name. */
export type WarmArguments = Readonly<Record<string, string | number>>;

/** A goods list in the language of the message is made when the message is. */
export interface FittingLine {
  /** Which kind of line it is; of a merchant's own `merchant:<id>:<category>`. */
  readonly kind: string;
  readonly args: WarmArguments;
  /** Of a merchant's own, the kind of ours in whose place it is told; left out if none fits. */
  readonly insteadOf?: string;
  /** What pledges set aside, told as `goods`. */
  readonly goods?: WarmFacts['donations'][number]['goods'];
}

/** A kind of line: what the month must show for it, or null if it does not. */
type Fits = (facts: WarmFacts) => Omit<FittingLine, 'kind'> | null;

/** A kind of line by name. */
type Kind = readonly [kind: string, fits: Fits];

const reward = (kind: keyof typeof rewardKinds): Kind => [
  kind,
  ({ rewards }) => {
    const found = rewards.find(({ categories }) => has(categories, rewardKinds[kind]));
    return found ? { args: { reward: found.name } } : null;
  },
];

const bought =
  (pattern: RegExp): Fits =>
  ({ purchases }) => {
    const count = purchases.filter((categories) => has(categories, pattern)).length;
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

/** From how many points on a month in which nothing was used is worth a word. */
const muchSaved = 1_000n;
const longStreak = 3;

/** Further back than that nobody looks, so a longer row is not counted. */
const streak: Fits = ({ monthsInARow: months }) =>
  months < longStreak ? null : { args: { months, longer: months > longestRow ? 'yes' : 'no' } };

/** All kinds, the most specific first. */
const kinds: readonly Kind[] = [
  reward('pet-toy'),
  reward('pet-food'),
  reward('child-birthday-gift'),
  reward('birthday-gift'),
  ['donation-matched', donation(({ goods }) => goods.length > 0)],
  ['donation-animals', donation(({ categories }) => has(categories, animals))],
  reward('pet'),
  reward('book'),
  reward('drink'),
  reward('food'),
  reward('household'),
  ['gift-given', amount(({ giftsGiven }) => giftsGiven, 1n)],
  ['gift-received', amount(({ giftsReceived }) => giftsReceived, 1n)],
  ['rescued', amount(({ rescued }) => rescued, 1n)],
  ['anniversary', ({ years }) => (years > 0 ? { args: { years } } : null)],
  ['first-earn', ({ firstEarn }) => (firstEarn ? { args: {} } : null)],
  ['donation', donation(() => true)],
  ['pet-purchase', bought(pet)],
  ['grocery-purchase', bought(groceries)],
  ['streak', streak],
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
  ['child-birthday-gift', 'birthday-gift'],
  ['donation-matched', 'donation-animals', 'donation'],
];

/** What a line says, as far as another may say much the same: a merchant's own says what ours would. */
function saidBy({ kind, insteadOf = kind }: FittingLine): string {
  const group = alike.find((kinds) => kinds.includes(insteadOf));
  return group?.[0] ?? insteadOf;
}

function withoutAlike(lines: readonly FittingLine[]): FittingLine[] {
  const told = new Set<string>();
  return lines.filter((line) => {
    const said = saidBy(line);
    if (told.has(said)) return false;
    told.add(said);
    return true;
  });
}

function ownLine({ name, categories, merchantId }: GotReward, written: MerchantWarmLine): FittingLine | null {
  if (written.merchantId !== merchantId || !categories.includes(written.category)) return null;
  const insteadOf = kindOfCategory(written.category);
  const line = { kind: merchantKind(written), args: { reward: name } };
  return insteadOf === undefined ? line : { ...line, insteadOf };
}

/**
 * Every line that the month shows to be true and that can be told, the most specific first. What merchants wrote comes
 * before our own and in its place: of a reward of which its merchant speaks, ours do not.
 */
export function fittingLines(
  facts: WarmFacts,
  own: readonly MerchantWarmLine[],
  canTell: (line: FittingLine) => boolean,
): FittingLine[] {
  const told = facts.rewards.map((got) => ({
    got,
    lines: own.flatMap((line) => ownLine(got, line) ?? []).filter(canTell),
  }));
  const seen = new Set<string>();
  const first = told.flatMap(({ lines }) => lines).filter(({ kind }) => !seen.has(kind) && seen.add(kind));
  const rewards = told.flatMap(({ got, lines }) => (lines.length > 0 ? [] : [got]));
  const ours = kinds.flatMap(([kind, fits]) => {
    const line = fits({ ...facts, rewards });
    return line ? [{ kind, ...line }] : [];
  });
  return [...first, ...ours.filter(canTell)];
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

import type { RulePoints } from '../earning/member-cap-store.ts';
import type { Purchase, PurchaseLine, ReturnedLine, RuleOutcome } from './purchase.ts';

/** How many of a line come back. */
export interface ReturnOrder {
  readonly id: string;
  readonly quantity: number;
}

/** What a return does, decided on one state of the purchase. */
export interface ReturnPlan {
  readonly kind: 'PLAN';
  readonly lines: readonly ReturnedLine[];
  readonly points: bigint;
  /** Given back to the member's caps: points are negative. */
  readonly caps: readonly RulePoints[];
}

/** Nothing, or not as much, is left to return. */
export interface NothingToReturn {
  readonly kind: 'NOTHING_TO_RETURN';
  readonly lineId: string | null;
  readonly returnable: number;
}

/**
 * Points taken back once `returned` of `quantity` units are back: the floor of the exact share. It depends only on how
 * many are back, so any order and any partition of returns ends where the full return ends, with all of them.
 */
export const takenBack = (points: bigint, returned: number, quantity: number): bigint =>
  (points * BigInt(returned)) / BigInt(quantity);

const leftOf = (line: PurchaseLine): number => line.quantity - line.returnedQuantity;

/** Every unit that has not come back yet. */
const everything = (purchase: Purchase): ReturnOrder[] =>
  purchase.lines.filter((line) => leftOf(line) > 0).map((line) => ({ id: line.id, quantity: leftOf(line) }));

function returnLine(line: PurchaseLine, quantity: number): ReturnedLine {
  const back = takenBack(line.points, line.returnedQuantity + quantity, line.quantity);
  // Never negative: what was taken back before is at most this, unless a return between was undone.
  const points = back > line.pointsReturned ? back - line.pointsReturned : 0n;
  return { lineId: line.id, quantity, points };
}

/** What a rule has to give back to the member's cap in all, once so many units of each line are back. */
const dueBack = (
  { shares }: RuleOutcome,
  lines: readonly PurchaseLine[],
  returnedOf: (line: PurchaseLine) => number,
): bigint => {
  const lineOf = new Map(lines.map((line) => [line.id, line]));
  return shares.reduce((sum, { lineId, points }) => {
    const line = lineOf.get(lineId)!;
    return sum + takenBack(points, returnedOf(line), line.quantity);
  }, 0n);
};

/** What a rule gave back so far. Where it was not counted no return was undone, so it follows from what is back. */
const givenBackOf = (outcome: RuleOutcome, lines: readonly PurchaseLine[]): bigint =>
  outcome.givenBack ?? dueBack(outcome, lines, ({ returnedQuantity }) => returnedQuantity);

function capChange(
  outcome: RuleOutcome,
  lines: readonly PurchaseLine[],
  returned: readonly ReturnedLine[],
): RulePoints {
  const more = new Map(returned.map(({ lineId, quantity }) => [lineId, quantity]));
  const due = dueBack(outcome, lines, ({ id, returnedQuantity }) => returnedQuantity + (more.get(id) ?? 0));
  const before = givenBackOf(outcome, lines);
  // Never uses up more of the cap: what was given back before is at most this, unless a return between was undone.
  const points = due > before ? before - due : 0n;
  return { campaignId: outcome.campaignId, ruleCode: outcome.ruleCode, points };
}

/** What one rule gave back to the member's cap, by its place in the purchase. */
export interface GivenBack {
  readonly place: number;
  readonly givenBack: bigint;
}

/** What the rules gave back to the member's caps once these have changed by so much: by less than nothing if given back. */
export function givenBackAfter({ outcomes, lines }: Purchase, caps: readonly RulePoints[]): GivenBack[] {
  return caps.map(({ campaignId, ruleCode, points }) => {
    const place = outcomes.findIndex((one) => one.campaignId === campaignId && one.ruleCode === ruleCode);
    return { place, givenBack: givenBackOf(outcomes[place]!, lines) - points };
  });
}

/**
 * Decides a return: what each line loses again, and what the rules give back to the member's caps, in the proportions
 * stored with the purchase. Without orders everything that is left comes back. The lines must be of the purchase.
 */
export function planReturn(
  purchase: Purchase,
  orders: readonly ReturnOrder[] | null,
): ReturnPlan | NothingToReturn {
  const wanted = orders ?? everything(purchase);
  if (wanted.length === 0) return { kind: 'NOTHING_TO_RETURN', lineId: null, returnable: 0 };
  const lines = new Map(purchase.lines.map((line) => [line.id, line]));
  const short = wanted.find(({ id, quantity }) => quantity > leftOf(lines.get(id)!));
  if (short) return { kind: 'NOTHING_TO_RETURN', lineId: short.id, returnable: leftOf(lines.get(short.id)!) };
  const returned = wanted.map(({ id, quantity }) => returnLine(lines.get(id)!, quantity));
  return {
    kind: 'PLAN',
    lines: returned,
    points: returned.reduce((sum, { points }) => sum + points, 0n),
    caps: purchase.outcomes
      .filter(({ shares }) => shares.length > 0)
      .map((outcome) => capChange(outcome, purchase.lines, returned))
      .filter(({ points }) => points !== 0n),
  };
}

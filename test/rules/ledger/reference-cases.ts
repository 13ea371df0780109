import { recall } from './reference-households.ts';
import type { ModelLot, ModelWallet, ReferenceModel } from './reference-model.ts';
import { giveBack } from './reference-reversals.ts';

/** Points of one lot. */
export interface ModelPart {
  readonly lot: ModelLot;
  points: number;
}

/** One thing that was done in a case. */
export interface ModelCaseStep {
  readonly act: string;
  /** Null for what time did. */
  readonly by: string | null;
  readonly at: number;
  readonly points: number;
}

/** A dispute over points of one wallet. */
export interface ModelCase {
  readonly wallet: ModelWallet;
  readonly disputed: number;
  readonly evidence: readonly string[];
  readonly steps: ModelCaseStep[];
  status: string;
  /** What is frozen now. */
  parts: ModelPart[];
  /** What was taken. */
  taken: ModelPart[];
  frozen: number;
  deducted: number;
  restituted: number;
  lapsesAt: number | null;
  appealableUntil: number | null;
}

type Answer =
  | 'ok'
  | 'TooManyCases'
  | 'NotIndependent'
  | 'CaseStands'
  | 'EvidenceUsed'
  | 'NothingToFreeze'
  | 'MoreThanDeductible'
  | 'TooLateToAppeal';

const hour = 3_600_000;

const sumOf = (parts: readonly ModelPart[]): number => parts.reduce((sum, { points }) => sum + points, 0);

const waits = ({ status }: ModelCase): boolean => ['OPEN', 'FROZEN', 'APPEALED'].includes(status);

function note(one: ModelCase, act: string, by: string | null, at: number, points = 0): void {
  one.steps.push({ act, by, at, points });
}

/** Points of a wallet that are frozen. */
export const frozenOf = ({ cases }: ModelWallet): number =>
  cases.reduce((sum, { parts }) => sum + sumOf(parts), 0);

/** How many cases of a wallet wait for somebody. */
export const waitingOf = ({ cases }: ModelWallet): number => cases.filter(waits).length;

/** Somebody says that something is wrong with a member's points. */
export function openCase(
  model: ReferenceModel,
  member: string,
  { by, disputed, evidence }: { by: string; disputed: number; evidence: readonly string[] },
): ModelCase | 'TooManyCases' {
  const wallet = model.wallet(member);
  if (waitingOf(wallet) >= 20) return 'TooManyCases';
  const one: ModelCase = {
    ...{ wallet, disputed, evidence, steps: [], status: 'OPEN', parts: [], taken: [] },
    ...{ frozen: 0, deducted: 0, restituted: 0, appealableUntil: null },
    lapsesAt: model.now + 72 * hour,
  };
  note(one, 'OPENED', by, model.now);
  wallet.cases.push(one);
  return one;
}

const isOpener = ({ steps }: ModelCase, by: string): boolean => steps[0]!.by === by;

/** Another person agrees: what is available of the disputed points is frozen. */
export function freeze(model: ReferenceModel, one: ModelCase, by: string): Answer {
  const { wallet, disputed, evidence } = one;
  if (isOpener(one, by)) return 'NotIndependent';
  if (one.status !== 'OPEN') return 'CaseStands';
  if (evidence.some((hash) => wallet.evidenceUsed.has(hash))) return 'EvidenceUsed';
  recall(model, wallet, disputed);
  const points = Math.min(disputed, model.available(wallet));
  if (points === 0) return 'NothingToFreeze';
  one.parts = model.take(wallet, points);
  for (const part of one.parts) part.lot.held += part.points;
  for (const hash of evidence) wallet.evidenceUsed.add(hash);
  one.status = 'FROZEN';
  one.frozen = points;
  one.lapsesAt = model.now + 72 * hour;
  note(one, 'FROZEN', by, model.now, points);
  return 'ok';
}

/** Another person lets the freeze stand. */
export function confirm(model: ReferenceModel, one: ModelCase, by: string): Answer {
  if (isOpener(one, by)) return 'NotIndependent';
  const frozen = one.steps.find(({ act }) => act === 'FROZEN');
  if (one.status !== 'FROZEN' || one.steps.some(({ act }) => act === 'CONFIRMED')) return 'CaseStands';
  one.lapsesAt = frozen!.at + 7 * 24 * hour;
  note(one, 'CONFIRMED', by, model.now);
  return 'ok';
}

/** Ends a freeze: so many of its points are taken, those that expire first; what goes back has lost no time. */
function unfreeze(model: ReferenceModel, one: ModelCase, points: number, at: number, byCommand: boolean) {
  const { wallet } = one;
  let rest = points;
  const parts = one.parts.toSorted((a, b) => model.byExpiry(a.lot, b.lot));
  one.parts = [];
  for (const { lot, points: part } of parts) {
    const gone = Math.min(part, rest);
    rest -= gone;
    lot.held -= part;
    lot.available += part - gone;
    if (gone > 0) one.taken.push({ lot, points: gone });
    const date = gone < part ? model.goodUntil(wallet, lot, at) : lot.expiresAt;
    if (date === lot.expiresAt) continue;
    lot.expiresAt = date;
    if (byCommand) model.renew(lot);
    else {
      lot.since = at;
      lot.told = [];
    }
  }
  model.settle(wallet);
}

/** Anybody may end a case in the member's favour. */
export function dismiss(model: ReferenceModel, one: ModelCase, by: string): Answer {
  if (one.status !== 'OPEN' && one.status !== 'FROZEN') return 'CaseStands';
  note(one, 'DISMISSED', by, model.now, sumOf(one.parts));
  unfreeze(model, one, 0, model.now, true);
  one.status = 'DISMISSED';
  one.lapsesAt = null;
  return 'ok';
}

/** Nobody decided in time. */
export function lapse(model: ReferenceModel, one: ModelCase): void {
  const at = one.lapsesAt!;
  note(one, 'LAPSED', null, at, sumOf(one.parts));
  unfreeze(model, one, 0, at, false);
  one.status = 'LAPSED';
  one.lapsesAt = null;
}

/** Another person decides against the member: points are taken, but for what it owes. */
export function uphold(model: ReferenceModel, one: ModelCase, by: string, points: number): Answer {
  if (isOpener(one, by)) return 'NotIndependent';
  if (one.status !== 'FROZEN') return 'CaseStands';
  if (points > sumOf(one.parts) - one.wallet.arrears) return 'MoreThanDeductible';
  unfreeze(model, one, points, model.now, true);
  one.status = 'UPHELD';
  one.deducted = points;
  one.lapsesAt = null;
  one.appealableUntil = model.now + 30 * 24 * hour;
  note(one, 'UPHELD', by, model.now, points);
  return 'ok';
}

/** The member appeals. */
export function appeal(model: ReferenceModel, one: ModelCase, by: string): Answer {
  if (one.status !== 'UPHELD') return 'CaseStands';
  if (model.now >= one.appealableUntil!) return 'TooLateToAppeal';
  one.status = 'APPEALED';
  note(one, 'APPEALED', by, model.now);
  return 'ok';
}

/** Somebody who had no part in the case decides the appeal; where it is overturned, all that was taken goes back. */
export function decideAppeal(
  model: ReferenceModel,
  one: ModelCase,
  { by, overturns }: { by: string; overturns: boolean },
): Answer {
  if (one.steps.some((step) => step.by === by)) return 'NotIndependent';
  if (one.status !== 'APPEALED') return 'CaseStands';
  one.status = overturns ? 'OVERTURNED' : 'APPEAL_REJECTED';
  note(one, one.status, by, model.now, overturns ? one.deducted : 0);
  if (!overturns) return 'ok';
  one.restituted = one.deducted;
  giveBack(model, one.wallet, one.taken, one.deducted);
  return 'ok';
}

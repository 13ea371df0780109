import type { HeldPart } from '../ledger/hold.ts';

/** What a member is said to have done, or what went wrong with its points. */
export const caseReasons = [
  'FALSE_PURCHASE',
  'ACCOUNT_TAKEOVER',
  'PROMOTION_ABUSE',
  'DUPLICATE_ACCOUNTS',
  'POINTS_TRADING',
  'ISSUING_ERROR',
  'OTHER',
] as const;

/** One of the reasons. */
export type CaseReason = (typeof caseReasons)[number];

/** How a case stands. The two first are live: they end by themselves at `lapsesAt`. */
export type CaseStatus =
  | 'OPEN'
  | 'FROZEN'
  | 'DISMISSED'
  | 'LAPSED'
  | 'UPHELD'
  | 'APPEALED'
  | 'APPEAL_REJECTED'
  | 'OVERTURNED';

/** What was done in a case. */
export type CaseAct =
  | 'OPENED'
  | 'FROZEN'
  | 'CONFIRMED'
  | 'DISMISSED'
  | 'LAPSED'
  | 'UPHELD'
  | 'APPEALED'
  | 'APPEAL_REJECTED'
  | 'OVERTURNED';

/** Something that proves a claim: kept elsewhere, fixed by its hash. */
export interface Evidence {
  readonly name: string;
  readonly uri: string | null;
  /** 64 hex digits in lower case. */
  readonly sha256: string;
}

/** One thing that was done in a case. Never changed. */
export interface CaseStep {
  readonly id: string;
  readonly act: CaseAct;
  readonly at: Date;
  /** See callerName, e.g. `operator:ann`; null for what time did. */
  readonly by: string | null;
  readonly statement: string | null;
  readonly evidence: readonly Evidence[];
  /** Points that it froze, released, deducted or gave back. */
  readonly points: bigint;
}

/** A dispute over points of one wallet: the only ground on which they may be frozen or deducted. */
export interface Case {
  readonly id: string;
  readonly walletId: string;
  readonly memberId: string;
  readonly programme: string;
  /** The merchant that opened it; null if the operator did. */
  readonly merchantId: string | null;
  readonly reason: CaseReason;
  /** More can neither be frozen nor deducted. */
  readonly disputed: bigint;
  readonly status: CaseStatus;
  /** What is frozen now, lot by lot; empty unless FROZEN. */
  readonly parts: readonly HeldPart[];
  /** Points that were frozen, 0 before. */
  readonly frozen: bigint;
  readonly deducted: bigint;
  readonly restituted: bigint;
  readonly deductPostingId: string | null;
  /** When it ends by itself; null once it has ended or was decided. */
  readonly lapsesAt: Date | null;
  /** The first instant at which it is too late to appeal; null unless it was upheld. */
  readonly appealableUntil: Date | null;
  /** The oldest first; the first opened it. */
  readonly steps: readonly CaseStep[];
}

const hourMs = 3_600_000;

/** A case that nobody reviews lapses after so many hours, and so does a freeze that nobody confirms. */
export const lapseHours = 72;

/** A freeze that is not decided ends so many hours after it began, confirmed or not. */
export const mostFrozenHours = 7 * 24;

/** Most cases of one wallet that wait for somebody at a time: each costs the wallet a little with whatever falls due. */
export const mostOpenCases = 20;

/** For so many hours after the decision it can be appealed. */
export const appealHours = 30 * 24;

/** So many hours later, to the millisecond. */
export const hoursAfter = (at: Date, hours: number): Date => new Date(at.getTime() + hours * hourMs);

/** Whether a case ends by itself if nobody decides it. */
export const isLive = ({ status }: Pick<Case, 'status'>): boolean => status === 'OPEN' || status === 'FROZEN';

/** Whether a case waits for somebody: for a review, a decision, or that of an appeal. */
export const isOpen = (one: Pick<Case, 'status'>): boolean => isLive(one) || one.status === 'APPEALED';

/** Whether a case has ended by itself by an instant, written or not. */
export const isLapsedAt = (one: Case, now: Date): boolean => one.lapsesAt !== null && one.lapsesAt <= now;

/** What is frozen now. */
export const frozenNow = ({ parts }: Case): bigint => parts.reduce((sum, { points }) => sum + points, 0n);

/** A case after another step. */
export const withStep = (one: Case, step: CaseStep, changes: Partial<Case>): Case => ({
  ...one,
  ...changes,
  steps: [...one.steps, step],
});

/** A case that ended by itself, at the instant at which it did. */
export function lapsed(one: Case): Case {
  const step: CaseStep = {
    // Follows from the case, so that it is the same whether it was written yet or not.
    id: `${one.id}-lapsed`,
    act: 'LAPSED',
    at: one.lapsesAt!,
    by: null,
    statement: null,
    evidence: [],
    points: frozenNow(one),
  };
  return withStep(one, step, { status: 'LAPSED', parts: [], lapsesAt: null });
}

/** A case at an instant, whether or not the sweeper has been there. */
export const caseAt = (one: Case, now: Date): Case => (isLapsedAt(one, now) ? lapsed(one) : one);

/** Whether a case still waits for somebody at an instant. */
export const isOpenAt = (one: Case, now: Date): boolean => isOpen(caseAt(one, now));

/** Who opened a case. */
export const openerOf = ({ steps }: Case): string | null => steps[0]?.by ?? null;

/** Whether somebody has had a part in a case before its appeal. */
export const tookPart = ({ steps }: Case, person: string): boolean => steps.some(({ by }) => by === person);

/** The record of a piece of evidence on which points of a wallet were frozen: it freezes them once. */
export const evidenceKeyId = (walletId: string, sha256: string): string => `evidence|${walletId}|${sha256}`;

/** The records of all evidence on which a case was opened. */
export const evidenceKeyIds = ({ walletId, steps }: Case): string[] => [
  ...new Set(steps[0]!.evidence.map(({ sha256 }) => evidenceKeyId(walletId, sha256))),
];

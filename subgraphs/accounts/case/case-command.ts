import type { CommandBase, CommonRefusal } from '../ledger/command.ts';
import type { Case, CaseReason, CaseStatus, Evidence } from './case.ts';

/** Opens a case. It freezes nothing yet. */
export interface OpenAct {
  readonly type: 'OPEN';
  readonly memberId: string;
  readonly programme: string;
  /** The merchant that opens it; null if the operator does. */
  readonly merchantId: string | null;
  readonly reason: CaseReason;
  readonly statement: string;
  readonly evidence: readonly Evidence[];
  readonly disputed: bigint;
}

/** What is done in a case that is there, and why. */
interface NamedAct {
  readonly caseId: string;
  readonly statement: string;
}

/** Freezes points, lets a freeze stand, ends a case in the member's favour, or decides an appeal. */
export interface PlainAct extends NamedAct {
  readonly type: 'FREEZE' | 'CONFIRM' | 'DISMISS' | 'REJECT_APPEAL' | 'OVERTURN';
}

/** Upholds a case: so many of the frozen points are deducted, the rest is released. */
export interface UpholdAct extends NamedAct {
  readonly type: 'UPHOLD';
  readonly points: bigint;
}

/** The member's appeal. */
export interface AppealAct extends NamedAct {
  readonly type: 'APPEAL';
  /** Who appeals; a case of anybody else looks as if it did not exist. */
  readonly memberId: string;
  readonly evidence: readonly Evidence[];
}

/** What can be done in a case. */
export type CaseActInput = OpenAct | PlainAct | UpholdAct | AppealAct;

/** Does something in a case; `caller` is who does it. */
export interface CaseCommand extends CommandBase {
  readonly kind: 'CASE';
  readonly act: CaseActInput;
}

/** Something was done in a case now, or, if replayed, by the same request before. */
export interface CaseChanged {
  readonly kind: 'CaseChanged';
  readonly case: Case;
  /** The step that the request made. */
  readonly stepId: string;
  readonly replayed: boolean;
}

/** As many cases of the wallet wait for somebody as may at a time. */
export interface TooManyCases {
  readonly kind: 'TooManyCases';
  readonly limit: number;
}

/** Who asks took part in the case before, so somebody else has to. */
export interface NotIndependent {
  readonly kind: 'NotIndependent';
}

/** The case does not stand as this act needs it. */
export interface CaseStands {
  readonly kind: 'CaseStands';
  readonly status: CaseStatus;
}

/** Points of this wallet were frozen on the same evidence before: nobody is frozen twice on one ground. */
export interface EvidenceUsed {
  readonly kind: 'EvidenceUsed';
  readonly sha256: string;
}

/** The wallet has no available points to freeze. */
export interface NothingToFreeze {
  readonly kind: 'NothingToFreeze';
}

/** More than is frozen, less what the member owes, cannot be deducted. */
export interface MoreThanDeductible {
  readonly kind: 'MoreThanDeductible';
  readonly deductible: bigint;
}

/** The time for an appeal has passed. */
export interface TooLateToAppeal {
  readonly kind: 'TooLateToAppeal';
  readonly until: Date;
}

/** Why an act in a case is refused, beside what any command may meet; in this order. */
export type CaseRefusal =
  | TooManyCases
  | NotIndependent
  | CaseStands
  | EvidenceUsed
  | NothingToFreeze
  | MoreThanDeductible
  | TooLateToAppeal;

/** What a command on a case is answered. */
export type CaseOutcome = CaseChanged | CommonRefusal | CaseRefusal;

import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import type { CaseCommand, CaseOutcome } from '../case/case-command.ts';
import type { NotFound } from '../refusal.ts';
import type {
  AlreadyDeclined,
  GiftLimitExceeded,
  GiftUsed,
  NotABeneficiary,
  TooLateToDecline,
} from './gift-refusal.ts';
import type { Hold } from './hold.ts';
import type { NoteInput } from './note.ts';
import type {
  IssuerNotEligible,
  NotRestorable,
  NotUnlockable,
  PointsSpent,
  TransferNotAllowed,
} from './policy-refusal.ts';
import type {
  HouseholdLimitExceeded,
  NotForChildren,
  NotInHousehold,
  PoolingNotAllowed,
} from './pool-refusal.ts';
import type { Line, Posting } from './posting.ts';
import type { AlreadyPosted, HoldAlreadyResolved, NotReversible } from './refusal.ts';
import type { Wallet } from './wallet.ts';

/** Most points one command may move. */
export const mostPoints = 100_000_000n;

/** Who asks under which key, and for what. */
export interface CommandBase {
  /** callerName of the caller: whose idempotency keys these are. */
  readonly caller: string;
  readonly idempotencyKey: string;
  /** inputHash of the caller's input. */
  readonly inputHash: string;
  /** What the caller named and nobody could find; it is refused after a conflict of the key and before all else. */
  readonly missing?: NotFound | null;
}

interface Described {
  readonly reason?: string | null | undefined;
}

interface Referenced extends Described {
  /** The merchant's own reference of the event; once per merchant and kind, for ever. */
  readonly externalRef?: string | null | undefined;
}

interface Noted {
  /** No part of what makes a request the same: it only describes. */
  readonly note?: NoteInput | null | undefined;
}

interface FromPool {
  /** Given to spend from the pool of the member's household, null if it has none; left out for the member's own points. */
  readonly pool?: { readonly householdId: string | null } | null | undefined;
}

/** Grants points to a member. */
export interface EarnCommand extends CommandBase, Referenced, Noted {
  readonly kind: 'EARN';
  readonly memberId: string;
  readonly merchantId: string;
  readonly programme: string;
  readonly points: bigint;
  /** What each line earned; sums to `points`. */
  readonly lines?: readonly Line[] | null | undefined;
  readonly campaignId?: string | null | undefined;
  readonly ruleVersion?: string | null | undefined;
}

/** Takes points as payment at a merchant. */
export interface RedeemCommand extends CommandBase, Referenced, FromPool {
  readonly kind: 'REDEEM';
  readonly memberId: string;
  readonly merchantId: string;
  readonly programme: string;
  readonly points: bigint;
}

/** Reserves points for a merchant that would honour them. */
export interface HoldCommand extends CommandBase, Described, FromPool {
  readonly kind: 'HOLD';
  readonly memberId: string;
  readonly merchantId: string;
  readonly programme: string;
  readonly points: bigint;
}

/** Takes up to the held points and releases the rest. */
export interface CaptureCommand extends CommandBase, Noted {
  readonly kind: 'CAPTURE';
  readonly holdId: string;
  /** All held points if left out. */
  readonly points?: bigint | null | undefined;
}

/** Releases a hold. */
export interface VoidCommand extends CommandBase, Described {
  readonly kind: 'VOID';
  readonly holdId: string;
}

/** Takes points for a cause. */
export interface DonateCommand extends CommandBase, Described, Noted {
  readonly kind: 'DONATE';
  readonly memberId: string;
  readonly causeId: string;
  readonly programme: string;
  readonly points: bigint;
}

/** Gives points to another member. */
export interface TransferCommand extends CommandBase, Described {
  readonly kind: 'TRANSFER';
  readonly memberId: string;
  readonly toMemberId: string;
  readonly programme: string;
  readonly points: bigint;
  /** Since when the receiver may be given to, perhaps from a later date on; null if it is no beneficiary of the giver. */
  readonly beneficiaryFrom: Date | null;
  /** True if the giver is a child in its household. */
  readonly byChild?: boolean;
}

/** Puts a member's points into the pool of its household, where they stay the member's. */
export interface ContributeCommand extends CommandBase {
  readonly kind: 'CONTRIBUTE';
  readonly memberId: string;
  /** Null if the member has none. */
  readonly householdId: string | null;
  readonly programme: string;
  readonly points: bigint;
}

/** Gives a gift back to its giver, untouched. */
export interface DeclineCommand extends CommandBase {
  readonly kind: 'DECLINE';
  /** The transfer. */
  readonly postingId: string;
  /** Who declines; a transfer to anybody else looks as if it did not exist. */
  readonly memberId: string;
}

/**
 * Reverses an earn, in full or by line, or a redemption, in full or by points. What is not the caller's own looks as if it did
 * not exist.
 */
export interface ReverseCommand extends CommandBase, Referenced {
  readonly kind: 'REVERSE';
  readonly postingId: string;
  /** Lines and points of each; a line's points are all that is left of it if left out. */
  readonly lines?:
    | readonly { readonly id: string; readonly points?: bigint | null | undefined }[]
    | null
    | undefined;
  /** Of what has no lines, points to reverse; all that is left if left out. */
  readonly points?: bigint | null | undefined;
}

/** Reports the event that a lot waits for, so that its points unlock. */
export interface UnlockCommand extends CommandBase {
  readonly kind: 'UNLOCK';
  /** The earn, by its id or by the issuer's own reference: exactly one of the two. */
  readonly postingId?: string | null | undefined;
  readonly externalRef?: string | null | undefined;
  readonly event: string;
  /** The issuer; null for a service, which names the earn by its id. */
  readonly merchantId: string | null;
}

/** Gives back points of a lot that expired, once, within its grace. */
export interface RestoreCommand extends CommandBase {
  readonly kind: 'RESTORE';
  readonly lotId: string;
  /** The wallet that the lot is in: the member's own, or a pool. */
  readonly walletId: string;
  /** Whose pool that is; null for the member's own wallet. */
  readonly householdId: string | null;
  /** Whose points they are. */
  readonly memberId: string;
  readonly programme: string;
  /** The merchant that asks for its member; null for the member itself. */
  readonly merchantId: string | null;
}

/** Points in one programme. */
export interface PointsIn {
  readonly programme: string;
  readonly points: bigint;
}

/** A household's pool in a programme. */
export interface PoolName {
  readonly householdId: string;
  readonly programme: string;
}

/**
 * Closes all wallets of a member for good. It needs no key: closed wallets stay closed, and a refusal leaves nothing
 * behind.
 */
export interface CloseCommand extends CommandBase {
  readonly kind: 'CLOSE';
  readonly memberId: string;
  /** All programmes that there are. */
  readonly programmes: readonly string[];
  /** Pools in which the member has points left of before it left their households. */
  readonly pools: readonly PoolName[];
  /** What is left and may be forfeited: every programme in which anything is, with just that number. */
  readonly forfeit: readonly PointsIn[];
}

/** Applies what has fallen due in a wallet, and gives back what a pool holds of those who left; the sweeper's. */
export interface AdvanceCommand {
  readonly kind: 'ADVANCE';
  readonly walletId: string;
  /** Whether reminders that are due are sent as well. */
  readonly reminds?: boolean;
}

/** What a caller may ask of the ledger. */
export type Command =
  | EarnCommand
  | RedeemCommand
  | HoldCommand
  | CaptureCommand
  | VoidCommand
  | DonateCommand
  | TransferCommand
  | DeclineCommand
  | ReverseCommand
  | UnlockCommand
  | RestoreCommand
  | ContributeCommand
  | CaseCommand
  | CloseCommand;

/** A posting was made now, or, if replayed, by the same request before. */
export interface PointsPosted {
  readonly kind: 'PointsPosted';
  readonly posting: Posting;
  /** The wallet after it; the giver's for a transfer and for one that is declined. */
  readonly wallet: Wallet;
  readonly replayed: boolean;
}

/** A hold was opened. */
export interface PointsHeld {
  readonly kind: 'PointsHeld';
  readonly hold: Hold;
  readonly replayed: boolean;
}

/** A hold was captured or voided. */
export interface HoldResolved {
  readonly kind: 'HoldResolved';
  readonly hold: Hold;
  readonly replayed: boolean;
}

/** The wallet does not have the points. */
export interface NotEnoughPoints {
  readonly kind: 'NotEnoughPoints';
  readonly available: bigint;
  readonly shortBy: bigint;
  /** When enough pending points will have unlocked, if they ever do and nothing is spent until then. */
  readonly availableFrom: Date | null;
}

/** The wallets are closed, now or before. */
export interface WalletsClosed {
  readonly kind: 'WalletsClosed';
}

/** Cases over the member's points wait for somebody, in these programmes. */
export interface CasesOpen {
  readonly kind: 'CasesOpen';
  readonly programmes: readonly string[];
}

/** Points are reserved, by programme. */
export interface HoldsOpen {
  readonly kind: 'HoldsOpen';
  readonly held: readonly PointsIn[];
}

/** Points are owed, by programme. */
export interface ArrearsOwed {
  readonly kind: 'ArrearsOwed';
  readonly owed: readonly PointsIn[];
}

/** What is left is not what may be forfeited. */
export interface PointsLeft {
  readonly kind: 'PointsLeft';
  readonly left: readonly PointsIn[];
}

/** What any command may be refused with, in this order. */
export type CommonRefusal = InvalidInput | IdempotencyConflict | NotFound;

/** What each kind of command is answered. Refusals come in the order of their union. */
export interface Outcomes {
  EARN: PointsPosted | CommonRefusal | AlreadyPosted | IssuerNotEligible;
  REDEEM:
    | PointsPosted
    | CommonRefusal
    | AlreadyPosted
    | NotInHousehold
    | HouseholdLimitExceeded
    | NotEnoughPoints;
  HOLD: PointsHeld | CommonRefusal | NotInHousehold | HouseholdLimitExceeded | NotEnoughPoints;
  CAPTURE: HoldResolved | CommonRefusal | HoldAlreadyResolved;
  VOID: HoldResolved | CommonRefusal | HoldAlreadyResolved;
  DONATE: PointsPosted | CommonRefusal | NotEnoughPoints;
  TRANSFER:
    | PointsPosted
    | CommonRefusal
    | NotForChildren
    | TransferNotAllowed
    | NotABeneficiary
    | GiftLimitExceeded
    | NotEnoughPoints;
  DECLINE: PointsPosted | CommonRefusal | AlreadyDeclined | TooLateToDecline | GiftUsed;
  REVERSE: PointsPosted | CommonRefusal | AlreadyPosted | NotReversible | PointsSpent;
  UNLOCK: PointsPosted | CommonRefusal | NotUnlockable;
  RESTORE: PointsPosted | CommonRefusal | NotRestorable;
  CONTRIBUTE: PointsPosted | CommonRefusal | NotInHousehold | PoolingNotAllowed | NotEnoughPoints;
  CASE: CaseOutcome;
  CLOSE: WalletsClosed | CasesOpen | HoldsOpen | ArrearsOwed | PointsLeft;
}

/** What a command is answered. */
export type OutcomeOf<C extends Command> = Outcomes[C['kind']];

/** Any answer. */
export type Outcome = Outcomes[Command['kind']];

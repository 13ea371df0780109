import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
  memberNotFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { Member } from '../membership/member.ts';
import { readSelector, type SelectorInput } from '../membership/selector.ts';
import type { NotFound } from '../refusal.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { isLabel } from '../text.ts';
import type { LegalHold } from './legal-hold.ts';

/** What the operator sends. */
export interface PlaceLegalHoldInput {
  readonly idempotencyKey: string;
  readonly member: SelectorInput;
  readonly reason: string;
  readonly until: Date;
}

/** What placing a legal hold needs. */
export interface PlaceLegalHoldPorts {
  readonly findMember: (selector: SelectorInput) => Promise<Member | null>;
  readonly legalHoldByRequest: (
    caller: string,
    idempotencyKey: string,
  ) => Promise<{ hold: LegalHold; request: RequestRecord } | null>;
  /** Throws Taken on `legal_holds_request`. */
  readonly insertLegalHold: (hold: LegalHold, request: RequestRecord) => Promise<void>;
  /** Writes the member, so that of an erasure and a legal hold at once one sees the other; false if it is not there. */
  readonly touchMember: (memberId: string) => Promise<boolean>;
  readonly isBeingErased: (memberId: string) => Promise<boolean>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What came of it. Refusals come in the order of this union. */
export type PlaceLegalHoldOutcome =
  | { readonly kind: 'LegalHoldPlaced'; readonly hold: LegalHold; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

const longestMs = 10 * 366 * 86_400_000;

function check({ idempotencyKey, member, reason }: PlaceLegalHoldInput): InvalidInput | null {
  const fault = checkKey(idempotencyKey);
  if (fault) return fault;
  if (!readSelector(member))
    return invalidInput('input.member', 'named by exactly one of id, reference and cardNumber');
  return isLabel(reason, 200) ? null : invalidInput('input.reason', '1 to 200 characters');
}

/** Keeps a member from being erased until a date. One whose erasure has begun is not there any more. */
export async function placeLegalHold(
  caller: string,
  input: PlaceLegalHoldInput,
  ports: PlaceLegalHoldPorts,
): Promise<PlaceLegalHoldOutcome> {
  const fault = check(input);
  if (fault) return fault;
  const request = requestOf(caller, input);
  const before = await ports.legalHoldByRequest(caller, input.idempotencyKey);
  if (before)
    return before.request.inputHash === request.inputHash
      ? { kind: 'LegalHoldPlaced', hold: before.hold, replayed: true }
      : idempotencyConflict(input.idempotencyKey);
  const { reason, until } = input;
  const placedAt = ports.clock.now();
  if (until <= placedAt || until.getTime() - placedAt.getTime() > longestMs)
    return invalidInput('input.until', 'after now and at most ten years on');
  const member = await ports.findMember(input.member);
  const missing = memberNotFound(input.member);
  if (!member) return missing;
  const hold = { id: ports.newId('lgh'), memberId: member.id, reason, placedAt, until, releasedAt: null };
  try {
    return await ports.inTransaction(async (): Promise<PlaceLegalHoldOutcome> => {
      if (!(await ports.touchMember(member.id)) || (await ports.isBeingErased(member.id))) return missing;
      await ports.insertLegalHold(hold, request);
      return { kind: 'LegalHoldPlaced', hold, replayed: false };
    });
  } catch (error) {
    if (!isTaken(error, 'legal_holds_request')) throw error;
    return placeLegalHold(caller, input, ports);
  }
}

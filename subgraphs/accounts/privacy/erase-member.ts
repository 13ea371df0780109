import { callerName } from '../../shared/caller.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
  memberNotFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { PointsIn } from '../ledger/command.ts';
import type { Member } from '../membership/member.ts';
import { readSelector, type SelectorInput } from '../membership/selector.ts';
import type { NotFound } from '../refusal.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { isLabel } from '../text.ts';
import { type AdvanceErasurePorts, advanceErasure, type ErasureRefusal } from './advance-erasure.ts';
import type { Erasure } from './erasure.ts';
import type { Exporter } from './export-member.ts';
import { bindingAt, type LegalHold } from './legal-hold.ts';

/** What is sent to erase a member. */
export interface EraseMemberInput {
  readonly idempotencyKey: string;
  readonly member?: SelectorInput | null | undefined;
  readonly reason?: string | null | undefined;
  readonly forfeit?: readonly PointsIn[] | null | undefined;
}

/** What it needs. */
export interface EraseMemberPorts extends AdvanceErasurePorts {
  readonly findMember: (selector: SelectorInput) => Promise<Member | null>;
  readonly erasureByRequest: (
    caller: string,
    idempotencyKey: string,
  ) => Promise<{ erasure: Erasure; request: RequestRecord } | null>;
  /** Throws Taken on `_id_` or `erasures_request`. */
  readonly beginErasure: (erasure: Erasure, request: RequestRecord) => Promise<void>;
  readonly legalHoldsOf: (memberId: string) => Promise<readonly LegalHold[]>;
  /** Id of the household that the member belongs to, or null. */
  readonly seatOf: (memberId: string) => Promise<string | null>;
  /** Writes the member, so that of an erasure and a legal hold at once one sees the other; false if it is not there. */
  readonly touchMember: (memberId: string) => Promise<boolean>;
}

/** A legal claim needs the data. */
export interface LegallyHeld {
  readonly kind: 'LegallyHeld';
  readonly holds: readonly LegalHold[];
}

/** The member belongs to a household, which it has to leave first. */
export interface InHousehold {
  readonly kind: 'InHousehold';
}

/** The member was erased, now or by the same request before. */
export interface MemberErased {
  readonly kind: 'MemberErased';
  readonly erasure: Erasure;
  readonly replayed: boolean;
}

/** What came of it. Refusals come in the order of this union. */
export type EraseMemberOutcome =
  | MemberErased
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | LegallyHeld
  | InHousehold
  | ErasureRefusal;

function checkForfeit(forfeit: readonly PointsIn[]): InvalidInput | null {
  const wrong = forfeit.findIndex(({ points }) => points <= 0n);
  if (wrong >= 0) return invalidInput(`input.forfeit.${wrong}.points`, '1 or more');
  const codes = forfeit.map(({ programme }) => programme);
  return new Set(codes).size === codes.length && codes.length <= 100
    ? null
    : invalidInput('input.forfeit', 'every programme once, and at most 100');
}

function check({ kind }: Exporter, input: EraseMemberInput): InvalidInput | null {
  const { idempotencyKey, member, reason } = input;
  const fault = checkKey(idempotencyKey);
  if (fault) return fault;
  if (kind === 'MEMBER' && member) return invalidInput('input.member', 'left out: a member erases itself');
  if (kind === 'MEMBER' && reason) return invalidInput('input.reason', 'left out: a member needs none');
  if (kind === 'OPERATOR' && !(member && readSelector(member)))
    return invalidInput('input.member', 'named by exactly one of id, reference and cardNumber');
  if (kind === 'OPERATOR' && !(typeof reason === 'string' && isLabel(reason, 200)))
    return invalidInput('input.reason', '1 to 200 characters');
  if (kind === 'OPERATOR' && (input.forfeit?.length ?? 0) > 0)
    return invalidInput('input.forfeit', 'left out: only the member itself gives up its points');
  return checkForfeit(input.forfeit ?? []);
}

type Begun = 'BEGUN' | NotFound | LegallyHeld | InHousehold;

/** Keeps what is going to be done, in one transaction with what must not stand in the way of it. */
function begin(
  erasure: Erasure,
  named: SelectorInput,
  request: RequestRecord,
  ports: EraseMemberPorts,
): Promise<Begun> {
  const { memberId, requestedAt } = erasure;
  return ports.inTransaction(async (): Promise<Begun> => {
    if (!(await ports.touchMember(memberId))) return memberNotFound(named);
    const holds = bindingAt(await ports.legalHoldsOf(memberId), requestedAt);
    if (holds.length > 0) return { kind: 'LegallyHeld', holds };
    if ((await ports.seatOf(memberId)) !== null) return { kind: 'InHousehold' };
    await ports.beginErasure(erasure, request);
    return 'BEGUN';
  });
}

async function carryOn(
  erasure: Erasure,
  replayed: boolean,
  ports: EraseMemberPorts,
): Promise<MemberErased | ErasureRefusal | null> {
  const advanced = await advanceErasure(erasure, ports);
  return advanced?.kind === 'Erased'
    ? { kind: 'MemberErased', erasure: advanced.erasure, replayed }
    : advanced;
}

/**
 * Erases a member for good. What is refused leaves nothing behind; what has begun is carried on by whoever comes next, this
 * request sent again or the sweeper.
 */
export async function eraseMember(
  exporter: Exporter,
  input: EraseMemberInput,
  ports: EraseMemberPorts,
): Promise<EraseMemberOutcome> {
  const fault = check(exporter, input);
  if (fault) return fault;
  const request = requestOf(callerName(exporter), input);
  const before = await ports.erasureByRequest(request.caller, request.idempotencyKey);
  if (before && before.request.inputHash !== request.inputHash)
    return idempotencyConflict(input.idempotencyKey);
  const resumed = before && (await carryOn(before.erasure, true, ports));
  if (resumed) return resumed;
  const selector = exporter.kind === 'MEMBER' ? { id: exporter.memberId } : { ...input.member };
  const member = await ports.findMember(selector);
  if (!member) return memberNotFound(selector);
  const now = ports.clock.now();
  const erasure: Erasure = {
    ...{ memberId: member.id, state: 'CLOSING', requestedAt: now, touchedAt: now, erasedAt: null },
    reason: exporter.kind === 'OPERATOR' ? (input.reason ?? null) : null,
    forfeit: input.forfeit ?? [],
  };
  try {
    const begun = await begin(erasure, selector, request, ports);
    if (begun !== 'BEGUN') return begun;
  } catch (error) {
    if (!isTaken(error, '_id_') && !isTaken(error, 'erasures_request')) throw error;
  }
  // It may be another's that came first: that one is carried on, and this request begins anew if that was refused.
  const current = await ports.erasureOf(member.id);
  return (current && (await carryOn(current, false, ports))) ?? eraseMember(exporter, input, ports);
}

import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  type NotFound,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { requestOf } from '../request.ts';
import type { Committed, HouseholdChange } from './commit-household.ts';
import type { Household } from './household.ts';
import type { HouseholdRequest } from './household-request-store.ts';

/** What changing a household needs. */
export interface ChangeHouseholdPorts {
  readonly requestOf: (caller: string, idempotencyKey: string) => Promise<HouseholdRequest | null>;
  readonly householdById: (id: string) => Promise<Household | null>;
  /** Writes a change unless another request came first or whoever asked is being erased or was. */
  readonly commit: (change: HouseholdChange) => Promise<Committed>;
  /** Gives back what the pools hold of those who left. */
  readonly returnPooled: (householdId: string) => Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** A household after a change, made now or by the same request before. */
export interface HouseholdChanged {
  readonly kind: 'HouseholdChanged';
  readonly household: Household;
  /** Id of the member's seat or of the invitation that it was about; null for the household as a whole. */
  readonly subjectId: string | null;
  readonly replayed: boolean;
}

/** What a use case makes of a household: it as it is to be, and what of it that is about. */
export interface Decided {
  readonly before: Household | null;
  readonly after: Household;
  readonly subjectId: string | null;
}

/** More than so many requests at a time are not waited for. */
const attempts = 40;

/** Gives back what those who left have in the pools; what a crash leaves undone the sweeper does. */
async function settled(household: Household, ports: ChangeHouseholdPorts): Promise<Household> {
  if (!household.returning) return household;
  await ports.returnPooled(household.id);
  return (await ports.householdById(household.id))!;
}

async function replay(
  earlier: HouseholdRequest,
  inputHash: string,
  ports: ChangeHouseholdPorts,
): Promise<HouseholdChanged | IdempotencyConflict> {
  const { request, householdId, subjectId } = earlier;
  if (request.inputHash !== inputHash) return idempotencyConflict(request.idempotencyKey);
  const household = await ports.householdById(householdId);
  if (!household) throw new Error(`household ${householdId} is gone`);
  return { kind: 'HouseholdChanged', household: await settled(household, ports), subjectId, replayed: true };
}

/**
 * Changes a household once for a request of a member: decides on it as it is, and again if another request came first.
 * `operation` is part of what the request asks for, so that a key used for two of them is a conflict.
 */
export async function changeHousehold<R extends { readonly kind: string }>(
  memberId: string,
  input: { readonly idempotencyKey: string },
  operation: string,
  ports: ChangeHouseholdPorts,
  decide: (at: Date) => Promise<Decided | R>,
): Promise<HouseholdChanged | InvalidInput | IdempotencyConflict | NotFound<'MEMBER'> | R> {
  const fault = checkKey(input.idempotencyKey);
  if (fault) return fault;
  const request = requestOf(`member:${memberId}`, { ...input, operation } as typeof input);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const earlier = await ports.requestOf(request.caller, request.idempotencyKey);
    if (earlier) return replay(earlier, request.inputHash, ports);
    const at = ports.clock.now();
    const decided = await decide(at);
    if ('kind' in decided) return decided;
    const { before, after, subjectId } = decided;
    const change = { request, householdId: after.id, subjectId, memberId, before, after };
    const committed = await ports.commit(change);
    if (committed === 'GONE') return notFound('MEMBER', memberId);
    if (committed === 'COMMITTED')
      return {
        kind: 'HouseholdChanged',
        household: await settled(after, ports),
        subjectId,
        replayed: false,
      };
  }
  throw new Error(`a household of ${memberId} could not be changed: others kept changing it`);
}

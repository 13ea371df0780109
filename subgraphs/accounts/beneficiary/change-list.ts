import { type IdempotencyConflict, idempotencyConflict } from '../../shared/refusal.ts';
import type { RequestRecord } from '../request.ts';
import { type Beneficiary, type BeneficiaryList, earlierRequest } from './beneficiary.ts';

/** What changing a list needs. */
export interface ChangeListPorts {
  /** An empty one if the member never had a beneficiary. */
  readonly beneficiariesOf: (ownerId: string) => Promise<BeneficiaryList>;
  /** Writes a list one version up; false, with nothing written, if another request came first. */
  readonly replaceBeneficiaries: (list: BeneficiaryList) => Promise<boolean>;
}

/** A list as it was changed, and which of its beneficiaries that is about. */
export interface ListChange {
  readonly list: BeneficiaryList;
  readonly id: string;
}

/** A beneficiary after a change, made now or by the same request before. */
export interface Changed {
  readonly beneficiary: Beneficiary;
  readonly replayed: boolean;
}

/** More than so many requests for one member at a time are not waited for. */
const attempts = 40;

const find = (list: BeneficiaryList, id: string): Beneficiary =>
  list.entries.find((entry) => entry.id === id)!;

/**
 * Changes a member's list once for a request: decides on the list as it is, and again if another request came first.
 * The request is kept with what it changed, in the same document.
 */
export async function changeList<R extends { readonly kind: string }>(
  ownerId: string,
  request: RequestRecord,
  ports: ChangeListPorts,
  decide: (list: BeneficiaryList) => ListChange | R,
): Promise<Changed | IdempotencyConflict | R> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const list = await ports.beneficiariesOf(ownerId);
    const earlier = earlierRequest(list, request.idempotencyKey);
    if (earlier && earlier.request.inputHash !== request.inputHash)
      return idempotencyConflict(request.idempotencyKey);
    if (earlier) return { beneficiary: earlier.entry, replayed: true };
    const change = decide(list);
    if ('kind' in change) return change;
    if (await ports.replaceBeneficiaries(change.list))
      return { beneficiary: find(change.list, change.id), replayed: false };
  }
  throw new Error(`the beneficiaries of ${ownerId} could not be changed: others kept changing them`);
}

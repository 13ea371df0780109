import {
  type IdempotencyConflict,
  idempotencyConflict,
  type NotFound,
  notFound,
} from '../../shared/refusal.ts';
import type { RequestRecord } from '../request.ts';
import { type Beneficiary, type BeneficiaryList, earlierRequest } from './beneficiary.ts';

/** What changing a list needs. */
export interface ChangeListPorts {
  /** An empty one if the member never had a beneficiary. */
  readonly beneficiariesOf: (ownerId: string) => Promise<BeneficiaryList>;
  /** Writes a list one version up; false, with nothing written, if another request came first. */
  readonly replaceBeneficiaries: (list: BeneficiaryList) => Promise<boolean>;
  /** Writes the member, so that of a change and an erasure at once one sees the other; false if it is being erased or was. */
  readonly touchMember: (memberId: string) => Promise<boolean>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
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

/** Thrown to leave the transaction where another request came first. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

/** Writes a list if its owner is still there: what an erasure deleted is not written again. */
async function write(
  list: BeneficiaryList,
  ports: ChangeListPorts,
): Promise<'WRITTEN' | 'OVERTAKEN' | 'GONE'> {
  try {
    return await ports.inTransaction(async () => {
      if (!(await ports.touchMember(list.ownerId))) return 'GONE';
      if (!(await ports.replaceBeneficiaries(list))) throw new Overtaken();
      return 'WRITTEN';
    });
  } catch (error) {
    if (error instanceof Overtaken) return 'OVERTAKEN';
    throw error;
  }
}

/**
 * Changes a member's list once for a request: decides on the list as it is, and again if another request came first.
 * The request is kept with what it changed, in the same document.
 */
export async function changeList<R extends { readonly kind: string }>(
  ownerId: string,
  request: RequestRecord,
  ports: ChangeListPorts,
  decide: (list: BeneficiaryList) => ListChange | R | Promise<ListChange | R>,
): Promise<Changed | IdempotencyConflict | NotFound<'MEMBER'> | R> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const list = await ports.beneficiariesOf(ownerId);
    const earlier = earlierRequest(list, request.idempotencyKey);
    if (earlier && earlier.request.inputHash !== request.inputHash)
      return idempotencyConflict(request.idempotencyKey);
    if (earlier) return { beneficiary: earlier.entry, replayed: true };
    const change = await decide(list);
    if ('kind' in change) return change;
    const written = await write(change.list, ports);
    if (written === 'GONE') return notFound('MEMBER', ownerId);
    if (written === 'WRITTEN') return { beneficiary: find(change.list, change.id), replayed: false };
  }
  throw new Error(`the beneficiaries of ${ownerId} could not be changed: others kept changing them`);
}

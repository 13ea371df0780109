import type { Clock } from '../../shared/ids.ts';
import { type IdempotencyConflict, type InvalidInput, notFound } from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { NotFound } from '../refusal.ts';
import { requestOf } from '../request.ts';
import { removeFrom } from './beneficiary.ts';
import { type Changed, type ChangeListPorts, changeList } from './change-list.ts';

/** What a member sends to remove a beneficiary. */
export interface RemoveBeneficiaryInput {
  readonly idempotencyKey: string;
  readonly beneficiaryId: string;
}

/** What removing a beneficiary needs. */
export interface RemoveBeneficiaryPorts extends ChangeListPorts {
  readonly clock: Clock;
}

/** What came of it. Refusals come in the order of this union. */
export type RemoveBeneficiaryOutcome =
  | ({ readonly kind: 'BeneficiaryRemoved' } & Changed)
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

/** Removes a beneficiary at once. What it was given stays given. */
export async function removeBeneficiary(
  ownerId: string,
  input: RemoveBeneficiaryInput,
  ports: RemoveBeneficiaryPorts,
): Promise<RemoveBeneficiaryOutcome> {
  const fault = checkKey(input.idempotencyKey);
  if (fault) return fault;
  const { beneficiaryId: id } = input;
  const request = requestOf(`member:${ownerId}`, input);
  const outcome = await changeList<Exclude<RemoveBeneficiaryOutcome, Changed>>(
    ownerId,
    request,
    ports,
    (list) => {
      const removed = removeFrom(list, id, ports.clock.now(), request);
      return removed ? { list: removed, id } : notFound('BENEFICIARY' as const, id);
    },
  );
  return 'kind' in outcome ? outcome : { kind: 'BeneficiaryRemoved', ...outcome };
}

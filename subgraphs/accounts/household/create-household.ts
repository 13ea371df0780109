import { type IdempotencyConflict, type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { isLabel } from '../text.ts';
import { changeHousehold, type HouseholdChanged } from './change-household.ts';
import { newHousehold } from './household.ts';
import type { HouseholdPorts } from './household-ports.ts';
import type { AlreadyInHousehold } from './household-refusal.ts';

/** What a member sends to create a household. */
export interface CreateHouseholdInput {
  readonly idempotencyKey: string;
  readonly name: string;
}

/** Characters of a name. */
const mostName = 40;

/** What came of it. Refusals come in the order of this union. */
export type CreateHouseholdOutcome =
  | HouseholdChanged
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | AlreadyInHousehold;

/** Creates a household, of which the member is the head. */
export async function createHousehold(
  memberId: string,
  input: CreateHouseholdInput,
  ports: HouseholdPorts,
): Promise<CreateHouseholdOutcome> {
  if (!isLabel(input.name, mostName)) return invalidInput('input.name', `1 to ${mostName} characters`);
  return changeHousehold<AlreadyInHousehold>(memberId, input, 'create', ports, async (at) => {
    if (await ports.householdOf(memberId)) return { kind: 'AlreadyInHousehold' };
    const head = { id: ports.newId('hmb'), memberId };
    const after = newHousehold(ports.newId('hou'), input.name, head, at);
    return { before: null, after, subjectId: head.id };
  });
}

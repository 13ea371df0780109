import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  invalidInput,
  memberNotFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { isCardNumber } from '../membership/card-number.ts';
import type { Member } from '../membership/member.ts';
import type { NotFound } from '../refusal.ts';
import { requestOf } from '../request.ts';
import { isLabel } from '../text.ts';
import {
  type AlreadyBeneficiary,
  addTo,
  type TooManyBeneficiaries,
  type TooManyChanges,
} from './beneficiary.ts';
import { type Changed, type ChangeListPorts, changeList } from './change-list.ts';

/** What a member sends to add a beneficiary. */
export interface AddBeneficiaryInput {
  readonly idempotencyKey: string;
  readonly cardNumber: string;
  readonly label?: string | null | undefined;
}

/** What adding a beneficiary needs. */
export interface AddBeneficiaryPorts extends ChangeListPorts {
  readonly memberByCardNumber: (cardNumber: string) => Promise<Member | null>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What came of it. Refusals come in the order of this union. */
export type AddBeneficiaryOutcome =
  | ({ readonly kind: 'BeneficiaryAdded' } & Changed)
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | AlreadyBeneficiary
  | TooManyBeneficiaries
  | TooManyChanges;

/** Characters of a label. */
const mostLabel = 40;

function check(input: AddBeneficiaryInput, ownerId: string, found: Member | null): InvalidInput | null {
  const fault = checkKey(input.idempotencyKey);
  if (fault) return fault;
  if (!isCardNumber(input.cardNumber))
    return invalidInput('input.cardNumber', '16 digits with a right check digit');
  if (found?.id === ownerId) return invalidInput('input.cardNumber', "another member's card number");
  if (typeof input.label === 'string' && !isLabel(input.label, mostLabel))
    return invalidInput('input.label', `1 to ${mostLabel} characters`);
  return null;
}

/** Adds the holder of a card to the members that a member may give points to, from 60 days later on. */
export async function addBeneficiary(
  ownerId: string,
  input: AddBeneficiaryInput,
  ports: AddBeneficiaryPorts,
): Promise<AddBeneficiaryOutcome> {
  const fault = check(input, ownerId, await ports.memberByCardNumber(input.cardNumber));
  if (fault) return fault;
  const request = requestOf(`member:${ownerId}`, input);
  const outcome = await changeList<Exclude<AddBeneficiaryOutcome, Changed>>(
    ownerId,
    request,
    ports,
    async (list) => {
      // Looked up for each attempt: the holder may have been erased while another request came first.
      const holder = await ports.memberByCardNumber(input.cardNumber);
      if (!holder) return memberNotFound({ cardNumber: input.cardNumber });
      const id = ports.newId('ben');
      const addition = {
        id,
        memberId: holder.id,
        label: input.label ?? null,
        at: ports.clock.now(),
        request,
      };
      const added = addTo(list, addition);
      return 'kind' in added ? added : { list: added, id };
    },
  );
  return 'kind' in outcome ? outcome : { kind: 'BeneficiaryAdded', ...outcome };
}

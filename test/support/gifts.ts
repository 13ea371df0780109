import { randomUUID } from 'node:crypto';
import type { RegisteredMember, TestAccounts } from './accounts.ts';
import { asMember } from './callers.ts';
import type { TestCoalition } from './coalition.ts';
import { mutate, type TestMember, unique } from './seed.ts';

type Fields = Record<string, unknown>;

const refusals = '__typename ... on Refusal { code message }';
const beneficiary = 'beneficiary { id label maskedCard status addedAt effectiveFrom }';

const operations = {
  addBeneficiary: `mutation ($input: AddBeneficiaryInput!) {
    addBeneficiary(input: $input) {
      ${refusals}
      ... on BeneficiaryAdded { replayed ${beneficiary} }
      ... on AlreadyBeneficiary { ${beneficiary} }
      ... on TooManyBeneficiaries { most }
      ... on TooManyChanges { most availableFrom }
      ... on InvalidInput { field expected }
      ... on NotFound { what id }
    } }`,
  removeBeneficiary: `mutation ($input: RemoveBeneficiaryInput!) {
    removeBeneficiary(input: $input) {
      ${refusals}
      ... on BeneficiaryRemoved { replayed ${beneficiary} }
      ... on NotFound { what id }
    } }`,
  declineGift: `mutation ($input: DeclineGiftInput!) {
    declineGift(input: $input) {
      ${refusals}
      ... on GiftDeclined {
        replayed
        gift { id direction state points otherMaskedCard declinableUntil declinedAt }
        wallet { available }
      }
      ... on AlreadyDeclined { declinedAt }
      ... on TooLateToDecline { until }
      ... on GiftUsed { points untouched }
      ... on NotFound { what id }
    } }`,
};

/** Sends one of the mutations of a member about beneficiaries and gifts, and gives its result. */
export async function asGiver(
  accounts: TestAccounts,
  memberId: string,
  name: keyof typeof operations,
  input: object,
): Promise<Fields> {
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (await accounts.send<Record<string, Fields>>(asMember(memberId), operations[name], variables))[
    name
  ]!;
}

/** Makes a member an effective beneficiary of another by letting 60 days pass. */
export async function makeBeneficiary(
  accounts: TestAccounts,
  owner: RegisteredMember,
  other: RegisteredMember,
): Promise<void> {
  const added = await asGiver(accounts, owner.id, 'addBeneficiary', { cardNumber: other.cardNumber });
  if (added['__typename'] !== 'BeneficiaryAdded') throw new Error(JSON.stringify(added));
  accounts.clock.advance({ days: 60 });
}

/** The same in a whole coalition. */
export async function makeBeneficiaryOf(
  coalition: TestCoalition,
  owner: TestMember,
  other: TestMember,
): Promise<void> {
  const input = { idempotencyKey: unique('beneficiary'), cardNumber: other.cardNumber };
  const added = await mutate(coalition, owner.token, 'addBeneficiary', 'AddBeneficiaryInput', '', input);
  if (added.__typename !== 'BeneficiaryAdded') throw new Error(JSON.stringify(added));
  coalition.clock.advance(60 * 86_400_000);
}

import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Caller } from '../../subgraphs/shared/caller.ts';
import type { OpenedMerchant, TestAccounts } from './accounts.ts';
import { asMember, auditor, operator } from './callers.ts';

type Fields = Record<string, unknown>;

const refusals = `... on Refusal { code message }
  ... on InvalidInput { field expected }
  ... on NotFound { what id }`;

const posted = `... on PointsPosted {
  replayed
  posting { id kind points change merchant { id } externalRef entries { account points } }
  wallet { available pending held arrears }
}`;

const notEnough = '... on NotEnoughPoints { available shortBy availableFrom }';
const limited = '... on HouseholdLimitExceeded { per limit left leftFrom }';
const already = '... on AlreadyPosted { externalRef posting { id } }';

const operations = {
  issuePoints: `mutation ($input: IssuePointsInput!) {
    issuePoints(input: $input) { __typename ${posted} ${refusals} ${already} } }`,
  redeemPoints: `mutation ($input: RedeemPointsInput!) {
    redeemPoints(input: $input) { __typename ${posted} ${refusals} ${notEnough} ${limited} ${already} } }`,
  reversePosting: `mutation ($input: ReversePostingInput!) {
    reversePosting(input: $input) { __typename ${posted} ${refusals} ... on NotReversible { remaining } } }`,
  transferPoints: `mutation ($input: TransferPointsInput!) {
    transferPoints(input: $input) { __typename ${posted} ${refusals} ${notEnough} } }`,
  postEarn: `mutation ($input: PostEarnInput!) {
    postEarn(input: $input) { __typename ${posted} ${refusals} ${already} } }`,
  postDonation: `mutation ($input: PostDonationInput!) {
    postDonation(input: $input) { __typename ${posted} ${refusals} ${notEnough} } }`,
  holdPoints: `mutation ($input: HoldPointsInput!) {
    holdPoints(input: $input) {
      __typename ... on PointsHeld { replayed hold { id points status captured } } ${refusals} ${notEnough} ${limited} } }`,
  capturePoints: `mutation ($input: CapturePointsInput!) {
    capturePoints(input: $input) { __typename ... on HoldResolved { hold { id status captured } } ${refusals} } }`,
};

/** Names of the mutations that move points. */
export type PointsMutation = keyof typeof operations;

/**
 * Sends one mutation that moves points, with a fresh idempotency key unless the input has one, and gives its result.
 */
export async function act(
  accounts: TestAccounts,
  caller: Caller,
  name: PointsMutation,
  input: object,
): Promise<Fields> {
  const variables = { input: { idempotencyKey: randomUUID(), ...input } };
  return (await accounts.send<Record<string, Fields>>(caller, operations[name], variables))[name]!;
}

/** A member's own view of a wallet's four amounts. */
export async function walletOf(accounts: TestAccounts, id: string, programme = 'SHARED'): Promise<Fields> {
  const query = `query ($id: ID!, $programme: String) {
    member(id: $id) { wallet(programme: $programme) { available pending held arrears } }
  }`;
  const { member } = await accounts.send<{ member: { wallet: Fields } }>(asMember(id), query, {
    id,
    programme,
  });
  return member.wallet;
}

/** How many documents each collection of the store holds: asked for at once, as tests do so before and after each refusal. */
export async function documentsStored({ stored }: TestAccounts): Promise<Record<string, number>> {
  const collections = (await stored.listCollections()).map(({ name }) => name).sort();
  const counted = collections.map((coll) => ({
    $unionWith: { coll, pipeline: [{ $count: 'documents' }, { $set: { coll } }] },
  }));
  const counts = await stored.db!.aggregate([{ $documents: [] }, ...counted]).toArray();
  const nothing = collections.map((coll) => ({ coll, documents: 0 }));
  return Object.fromEntries([...nothing, ...counts].map(({ coll, documents }) => [coll, documents]));
}

/** An amount as the API answers it. */
export const yuan = (amountMinor: number) => ({ amountMinor, currency: 'CNY' });

const positionFields = `issued honoured honouredOnUs honouredOffUs
  owed { amountMinor currency } due { amountMinor currency } dueOnUs { amountMinor currency }
  dueOffUs { amountMinor currency } net { amountMinor currency }`;

/** A merchant's own view of its position. */
export async function positionOf(
  accounts: TestAccounts,
  merchant: OpenedMerchant,
  programme = 'SHARED',
): Promise<Fields> {
  const query = `query ($id: ID!, $programme: String) {
    merchant(id: $id) { position(programme: $programme) { ${positionFields} } }
  }`;
  const variables = { id: merchant.id, programme };
  const answer = await accounts.send<{ merchant: { position: Fields } }>(merchant.caller, query, variables);
  return answer.merchant.position;
}

/** Gives a merchant prices of 1,000 and 900 fen for 1,000 points in another programme from now on. */
export async function priceIn(
  accounts: TestAccounts,
  merchant: OpenedMerchant,
  programme: string,
): Promise<void> {
  const input = {
    idempotencyKey: randomUUID(),
    merchantId: merchant.id,
    programme,
    issuePricePerThousand: 1000,
    redemptionPricePerThousand: 900,
    effectiveFrom: accounts.clock.now().toISOString(),
  };
  const mutation = `mutation ($input: SetPricesInput!) { setPrices(input: $input) { __typename } }`;
  const { setPrices } = await accounts.send<{ setPrices: Fields }>(operator, mutation, { input });
  expect(setPrices).toEqual({ __typename: 'PricesSet' });
}

/** Fails unless every invariant of the ledger holds over at least one posting. */
export async function expectSoundLedger(accounts: TestAccounts): Promise<void> {
  const query = '{ ledgerCheck { ok postings violations { invariant id message } } }';
  const { ledgerCheck } = await accounts.send<{ ledgerCheck: { postings: number } }>(auditor, query);
  expect(ledgerCheck).toEqual({ ok: true, postings: expect.any(Number), violations: [] });
  expect(ledgerCheck.postings).toBeGreaterThan(0);
}

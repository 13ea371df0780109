import type { Caller } from '../../subgraphs/shared/caller.ts';
import { policyOf } from '../rules/ledger/reference-terms.ts';
import { type OpenedMerchant, openMerchant, publishProgramme, registerMember } from '../support/accounts.ts';
import { asMember } from '../support/callers.ts';
import type { SubgraphClient } from '../support/subgraph-client.ts';
import { createWebhook } from '../support/webhooks.ts';
import { fixedDates, type PlayTerms } from './play-model.ts';
import type { Read, World } from './world.ts';

/** A member of the play. */
export interface Player {
  readonly id: string;
  readonly cardNumber: string;
  readonly caller: Caller;
  /** Under which every merchant knows it. */
  readonly reference: string;
}

/** A reward of the play, and how many of it are left. */
export interface Prize {
  readonly id: string;
  readonly points: number;
  readonly merchant: OpenedMerchant;
  stock: number;
}

/** Who and what a simulation plays with. */
export interface Cast {
  readonly merchants: readonly OpenedMerchant[];
  readonly players: readonly Player[];
  readonly prizes: readonly Prize[];
}

/** The terms that a play begins with. */
export const firstTerms: PlayTerms = {
  unlockAfterDays: 2,
  validityMonths: 2,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
  ...{ event: 'NONE', slides: false, refuses: false, givable: true },
  ...{ remindDays: [30, 7, 1], graceDays: 3, restorable: false },
  ...{ ends: 'AFTER_MONTHS', issuer: null, poolable: true },
  transfers: { most: 120, mostPerDay: 200, declineWithinDays: 20 },
};

/** Days after which a beneficiary can be given to. */
export const waitDays = 60;

function publishedValidity(terms: PlayTerms) {
  const { slides, ends, validityMonths: months } = terms;
  if (slides || ends === 'AFTER_MONTHS') return policyOf(terms).validity;
  if (ends !== 'ON_DATES')
    return { kind: 'ROLLING', months, roundTo: ends === 'AT_MONTH_END' ? 'MONTH_END' : 'QUARTER_END' };
  const { dates, minimumDays } = fixedDates;
  const days = dates.map((date) => date.split('-').map(Number));
  return { kind: 'FIXED_DATES', minimumDays, dates: days.map(([month, day]) => ({ month, day })) };
}

/** The model's terms as they are published. */
export function published(terms: PlayTerms, merchants: readonly OpenedMerchant[]) {
  const { holdTimeoutSeconds, reinstatementDays, issuer, poolable, givable } = terms;
  const { most, mostPerDay, declineWithinDays } = terms.transfers;
  const limits = { mostPerTransfer: most, mostPerDay };
  return {
    ...{ holdTimeoutSeconds, reinstatementDays },
    ...policyOf(terms),
    validity: publishedValidity(terms),
    eligibleIssuerIds: issuer === null ? null : [merchants[issuer]!.id],
    pooling: { allowed: poolable },
    transfers: { allowed: givable, declineWithinDays, ...(givable && limits) },
  };
}

/** What the support functions of tests need of accounts. */
export const accountsOf = (world: World): SubgraphClient =>
  ({
    send: async (caller: Caller, operation: string, variables: object) => {
      const data = await world.ask('accounts', caller, operation, variables);
      if (!data) throw new Error('accounts gave no answer');
      return data;
    },
  }) as SubgraphClient;

async function player(world: World, merchants: readonly OpenedMerchant[], index: number): Promise<Player> {
  const accounts = accountsOf(world);
  const reference = `player-${index}`;
  const [home, ...others] = merchants;
  const { id, cardNumber } = await registerMember(accounts, home!, reference);
  for (const merchant of others) await registerMember(accounts, merchant, reference, { cardNumber });
  return { id, cardNumber, reference, caller: asMember(id) };
}

async function befriend(world: World, caller: Caller, cardNumber: string): Promise<void> {
  const operation = `mutation ($input: AddBeneficiaryInput!) {
    result: addBeneficiary(input: $input) { __typename ... on Refusal { message } } }`;
  const input = { idempotencyKey: `friend-${cardNumber}`, cardNumber };
  const data = await world.ask('accounts', caller, operation, { input });
  if (data?.result.__typename !== 'BeneficiaryAdded')
    throw new Error(`no beneficiary was added: ${JSON.stringify(data)}`);
}

async function succeed(world: World, caller: Caller, operation: string, input: object): Promise<Read> {
  const data = await world.ask('catalogue', caller, operation, { input });
  if (!data?.result?.reward) throw new Error(`the reward could not be made: ${JSON.stringify(data)}`);
  return data.result.reward;
}

async function prize(world: World, merchant: OpenedMerchant, points: number, stock: number): Promise<Prize> {
  const { id } = await succeed(
    world,
    merchant.caller,
    `mutation ($input: CreateRewardInput!) { result: createReward(input: $input) { ... on RewardCreated { reward { id } } ... on Refusal { message } } }`,
    {
      idempotencyKey: `prize-${points}`,
      name: 'A prize',
      description: 'Something to win.',
      category: 'prize',
      terms: { delivery: 'Here.', use: 'There.', exclusions: 'None.', cancellation: 'Yes.' },
      ...{ points, stock, voucherValidityDays: 20 },
    },
  );
  await succeed(
    world,
    merchant.caller,
    `mutation ($input: PublishRewardInput!) { result: publishReward(input: $input) { ... on RewardPublished { reward { id } } ... on Refusal { message } } }`,
    { rewardId: id },
  );
  return { id, points, stock, merchant };
}

/** Publishes the programme, opens two merchants, registers three members with both, and offers two rewards. */
export async function assemble(world: World): Promise<Cast> {
  const accounts = accountsOf(world);
  await publishProgramme(accounts, published(firstTerms, []));
  const merchants = [await openMerchant(accounts, 'First'), await openMerchant(accounts, 'Second')];
  await createWebhook(accounts, merchants[0]!, world.hook.url);
  const players: Player[] = [];
  for (const index of [0, 1, 2]) players.push(await player(world, merchants, index));
  for (const { caller } of players)
    for (const other of players) if (other.caller !== caller) await befriend(world, caller, other.cardNumber);
  const prizes = [await prize(world, merchants[0]!, 60, 30), await prize(world, merchants[1]!, 130, 2)];
  return { merchants, players, prizes };
}

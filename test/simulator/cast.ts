import type { Caller } from '../../subgraphs/shared/caller.ts';
import type { ModelTerms } from '../rules/ledger/reference-model.ts';
import { type OpenedMerchant, openMerchant, publishProgramme, registerMember } from '../support/accounts.ts';
import { asMember } from '../support/callers.ts';
import type { SubgraphClient } from '../support/subgraph-client.ts';
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
export const firstTerms: ModelTerms = {
  unlockAfterDays: 2,
  validityMonths: 2,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
};

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
  await publishProgramme(accounts, firstTerms);
  const merchants = [await openMerchant(accounts, 'First'), await openMerchant(accounts, 'Second')];
  const players: Player[] = [];
  for (const index of [0, 1, 2]) players.push(await player(world, merchants, index));
  const prizes = [await prize(world, merchants[0]!, 60, 4), await prize(world, merchants[1]!, 170, 2)];
  return { merchants, players, prizes };
}

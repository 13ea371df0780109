import type { GraphqlClient } from '../graphql-client.ts';
import { donationPoints, must, type ReplayCoalition, type ReplayMerchant } from './coalition.ts';
import { replayOperations } from './operations.ts';
import type { PlannedAction, PlannedPurchase, PlannedReturn } from './plan.ts';

/** What the run did. `repeated` were known to the system from an earlier run and changed nothing. */
export interface ReplayCounts {
  purchases: number;
  returns: number;
  repeated: number;
  redemptions: number;
  donations: number;
  /** Spending that was turned down because the member had too few points. */
  refusedForPoints: number;
  failed: { action: string; reason: string }[];
}

interface Run {
  readonly client: GraphqlClient;
  readonly coalition: ReplayCoalition;
  readonly counts: ReplayCounts;
  /** The card of each customer, by customer number. */
  readonly cards: Map<string, string>;
  /** Which customers are registered at which merchants. */
  readonly registered: Set<string>;
}

const reference = (customer: string): string => `retail-${customer}`;

const merchantOf = (run: Run, country: string): ReplayMerchant => run.coalition.merchants.get(country)!;

/** Registers a customer at a merchant; at a second merchant by the card that the first gave. */
async function register(run: Run, customer: string, country: string): Promise<void> {
  if (run.registered.has(`${customer}|${country}`)) return;
  const cardNumber = run.cards.get(customer);
  const input = { reference: reference(customer), locale: 'en', ...(cardNumber ? { cardNumber } : {}) };
  const token = await merchantOf(run, country).token();
  const { member } = await must<{ member: { cardNumber: string } }>(
    run.client,
    token,
    replayOperations.registerMember,
    input,
  );
  run.cards.set(customer, member.cardNumber);
  run.registered.add(`${customer}|${country}`);
}

/** Sends a spending mutation; too few points is an answer, any other refusal a failure. */
async function spend(run: Run, token: string, query: string, input: object): Promise<boolean> {
  const data = await run.client.send<Record<string, { code?: string; message?: string }>>(token, query, {
    input,
  });
  const result = Object.values(data)[0]!;
  if (result.code === undefined) return true;
  if (result.code !== 'NOT_ENOUGH_POINTS') throw new Error(`${result.code}: ${result.message}`);
  run.counts.refusedForPoints++;
  return false;
}

async function spendAfterwards(run: Run, action: PlannedPurchase): Promise<void> {
  if (action.afterwards?.kind === 'redeem') {
    const honourer = merchantOf(run, action.afterwards.country);
    await register(run, action.customer, honourer.country);
    const input = {
      idempotencyKey: `replay:redeem:${action.invoice}`,
      rewardId: honourer.rewardId,
      member: { reference: reference(action.customer) },
    };
    if (await spend(run, await honourer.token(), replayOperations.redeemReward, input))
      run.counts.redemptions++;
  }
  if (action.afterwards?.kind === 'donate') {
    const token = await merchantOf(run, action.country).token();
    const member = { reference: reference(action.customer) };
    const input = {
      idempotencyKey: `replay:donate:${action.invoice}`,
      causeId: run.coalition.causeId,
      member,
      points: donationPoints,
    };
    if (await spend(run, token, replayOperations.donatePoints, input)) run.counts.donations++;
  }
}

async function purchase(run: Run, action: PlannedPurchase): Promise<void> {
  await register(run, action.customer, action.country);
  const token = await merchantOf(run, action.country).token();
  const recorded = await must<{ replayed: boolean }>(run.client, token, replayOperations.recordPurchase, {
    idempotencyKey: `replay:${action.invoice}`,
    member: { reference: reference(action.customer) },
    externalRef: action.invoice,
    at: action.at.toISOString(),
    currency: 'GBP',
    lines: action.lines,
  });
  run.counts.purchases++;
  // A refusal for want of points is not remembered, so a later run could redeem where the first could not:
  // what follows a purchase is only done by the run that recorded it.
  if (recorded.replayed) run.counts.repeated++;
  else await spendAfterwards(run, action);
}

async function giveBack(run: Run, action: PlannedReturn): Promise<void> {
  const token = await merchantOf(run, action.country).token();
  const recorded = await must<{ replayed: boolean }>(run.client, token, replayOperations.recordReturn, {
    idempotencyKey: `replay:${action.invoice}:${action.purchase}`,
    purchaseExternalRef: action.purchase,
    externalRef: `${action.invoice}/${action.purchase}`,
    lines: action.lines,
  });
  run.counts.returns++;
  if (recorded.replayed) run.counts.repeated++;
}

/** Actions of one customer in order, as one chain. */
function chains(actions: readonly PlannedAction[]): PlannedAction[][] {
  const byCustomer = new Map<string, PlannedAction[]>();
  for (const action of actions) {
    const chain = byCustomer.get(action.customer);
    if (chain) chain.push(action);
    else byCustomer.set(action.customer, [action]);
  }
  return [...byCustomer.values()];
}

/**
 * Sends the planned actions: those of one customer in order, those of different customers `concurrency` at a time.
 * An action that fails is listed and does not stop the rest. `onDone` is called after each.
 */
export async function replay(
  client: GraphqlClient,
  coalition: ReplayCoalition,
  actions: readonly PlannedAction[],
  options: { concurrency: number; onDone: () => void },
): Promise<ReplayCounts> {
  const counts: ReplayCounts = {
    purchases: 0,
    returns: 0,
    repeated: 0,
    redemptions: 0,
    donations: 0,
    refusedForPoints: 0,
    failed: [],
  };
  const run: Run = { client, coalition, counts, cards: new Map(), registered: new Set() };
  const queue = chains(actions);
  const work = async () => {
    for (let chain = queue.shift(); chain; chain = queue.shift()) {
      for (const action of chain) {
        await (action.kind === 'purchase' ? purchase(run, action) : giveBack(run, action)).catch(
          (error: Error) => {
            counts.failed.push({ action: `${action.kind} ${action.invoice}`, reason: error.message });
          },
        );
        options.onDone();
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return counts;
}

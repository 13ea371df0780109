import type { Act, Play } from './acting.ts';
import { expectSame } from './disagreement.ts';
import { passTo } from './passing.ts';

/** In which the leases of who died run out, and then one in which those of the living are prolonged and deliveries tried again. */
const [leaseMs, pauseMs] = [120_000, 5_000];
const mostRounds = 20;

/**
 * What the first merchant is to be told: of each wallet, and of a pool for each member by itself, the postings that concern
 * it, in the order of the wallet.
 */
function owed({ checked, cast }: Play): string[] {
  const byWallet = new Map<string, string[]>();
  const posted = checked.posted.filter(({ audience }) => audience.includes(cast.merchants[0]!.id));
  for (const { partition, subject, data } of posted.toSorted((a, b) => a.sequence - b.sequence)) {
    const told = `${partition} ${String(data['memberId'])}`;
    byWallet.set(told, [...(byWallet.get(told) ?? []), subject]);
  }
  return [...byWallet.values()].map((subjects) => subjects.join(' ')).toSorted();
}

/**
 * Both processes of accounts hand on what happened at once, and one may die of it; what is left behind follows when the
 * leases of who died have run out. The merchant has then been told of everything, and of each wallet in its order.
 */
export const deliver: Act<'deliver'> = async (play, { dies, refusals }) => {
  const { world, checked } = play;
  world.hook.refuse(refusals);
  await world.deliver(dies);
  for (let round = 0; (await checked.records.undelivered()) > 0; round++) {
    expectSame('events left behind', round < mostRounds, true);
    passTo(play, world.now + (round === 0 ? leaseMs : pauseMs));
    await world.deliver(null);
  }
  world.hook.refuse(0); // What it had no occasion to refuse is not kept for a handing on days later.
  const told = [...world.hook.taken.values()].map((subjects) => [...subjects].join(' ')).toSorted();
  expectSame('what a merchant was told', told, owed(play));
};

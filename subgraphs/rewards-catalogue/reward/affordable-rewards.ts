import type { CataloguePorts } from '../ports.ts';
import { spendableOf } from './availability.ts';
import type { Reward } from './reward.ts';
import type { AvailabilityPorts } from './reward-availability.ts';
import type { RewardLoaders } from './reward-loaders.ts';

/** Whose points buy, and how many rewards to find at most. */
export interface AffordableQuery {
  readonly memberId: string;
  readonly first: number;
  /** True for the points of the pool of the member's household. */
  readonly fromHousehold: boolean;
}

/** Rewards that a member can redeem now, dearest first. */
export async function affordableRewards(
  ports: AvailabilityPorts & Pick<CataloguePorts, 'rewards'>,
  { memberId, first, fromHousehold }: AffordableQuery,
): Promise<Reward[]> {
  const spendable = await (fromHousehold ? ofPools : ofWallets)(ports.loaders, memberId);
  const found: Reward[] = [];
  for (const [programme, points] of spendable)
    if (points > 0n) found.push(...(await inProgramme(ports, memberId, programme, points, first)));
  return found.sort(dearestFirst).slice(0, first);
}

/** What a member can spend of its own wallets, by programme. */
async function ofWallets({ purses }: RewardLoaders, memberId: string): Promise<[string, bigint][]> {
  const own = (await purses.load(memberId)) ?? new Map();
  return [...own].map(([programme, { available }]) => [programme, available]);
}

/** What a member can spend of its household's pools, by programme. */
async function ofPools({ poolAllowances }: RewardLoaders, memberId: string): Promise<[string, bigint][]> {
  const allowances = await poolAllowances.load(memberId);
  return [...allowances].map(([programme, allowance]) => [programme, spendableOf(allowance)]);
}

function dearestFirst(a: Reward, b: Reward): number {
  if (a.points !== b.points) return a.points > b.points ? -1 : 1;
  return a.id > b.id ? -1 : 1;
}

/** Reads on past rewards of which the member has as many as it may, until enough are found. */
async function inProgramme(
  { rewards, loaders, clock }: AvailabilityPorts & Pick<CataloguePorts, 'rewards'>,
  memberId: string,
  programme: string,
  points: bigint,
  first: number,
): Promise<Reward[]> {
  const found: Reward[] = [];
  const now = clock.now();
  let after: { points: bigint; id: string } | null = null;
  while (found.length < first) {
    const page: Reward[] = await rewards.affordable({ programme, points, now, limit: first, after });
    const open = await Promise.all(
      page.map(
        async ({ id, limitPerMember }) =>
          limitPerMember === null || (await loaders.taken.load({ memberId, rewardId: id })) < limitPerMember,
      ),
    );
    found.push(...page.filter((_, index) => open[index]));
    const last = page.at(-1);
    if (!last || page.length < first) break;
    after = { points: last.points, id: last.id };
  }
  return found;
}

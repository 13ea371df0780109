import type { CataloguePorts } from '../ports.ts';
import type { Reward } from './reward.ts';
import type { AvailabilityPorts } from './reward-availability.ts';

/** Rewards that a member can redeem now, dearest first, at most `first`. */
export async function affordableRewards(
  ports: AvailabilityPorts & Pick<CataloguePorts, 'rewards'>,
  memberId: string,
  first: number,
): Promise<Reward[]> {
  const purses = (await ports.loaders.purses.load(memberId)) ?? new Map();
  const found: Reward[] = [];
  for (const [programme, { available }] of purses)
    if (available > 0n) found.push(...(await inProgramme(ports, memberId, programme, available, first)));
  return found.sort(dearestFirst).slice(0, first);
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

import { startCoalition, type TestCoalition } from '../../support/coalition.ts';
import { mutate, seeds, type TestMember, type TestMerchant, unique } from '../../support/seed.ts';

/** A coalition with a pet shop and a café, to travel through. */
export interface JourneyWorld {
  readonly coalition: TestCoalition;
  readonly seed: ReturnType<typeof seeds>;
  readonly petShop: TestMerchant;
  readonly cafe: TestMerchant;
}

/** Starts it. The pet shop issues at 1.1 fen a point, the café honours at 0.99. */
export async function startJourneyWorld(): Promise<JourneyWorld> {
  const coalition = await startCoalition();
  const seed = seeds(coalition);
  await seed.programme('SHARED', 0);
  const petShop = await seed.merchant('Pet shop');
  const cafe = await seed.merchant('Café', { issuePricePerThousand: 1050, redemptionPricePerThousand: 990 });
  return { coalition, seed, petShop, cafe };
}

/** What a member sees in its wallet. */
export async function balance({ coalition }: JourneyWorld, member: TestMember, programme = 'SHARED') {
  const query = `query ($programme: String) { viewer { member { wallet(programme: $programme) { available pending held arrears } } } }`;
  const { viewer } = await coalition.send<{ viewer: { member: { wallet: Record<string, number> } } }>(
    member.token,
    query,
    { programme },
  );
  return viewer.member.wallet;
}

/** Pays a merchant with a member's points. */
export const redeemPoints = (
  { coalition }: JourneyWorld,
  by: TestMerchant,
  member: TestMember,
  points: number,
  more: object = {},
) =>
  mutate(
    coalition,
    by.token,
    'redeemPoints',
    'RedeemPointsInput',
    '... on PointsPosted { replayed posting { id kind points } } ... on NotEnoughPoints { available shortBy }',
    { idempotencyKey: unique('redeem'), member: { id: member.id }, points, ...more },
  );

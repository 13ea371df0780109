import { startCoalition, type TestCoalition } from '../../support/coalition.ts';
import { makeBeneficiaryOf } from '../../support/gifts.ts';
import { mutate, seeds, type TestMember, type TestMerchant, unique } from '../../support/seed.ts';

/** What the operations run on: a small coalition in which every answer is known. */
export interface World {
  readonly coalition: TestCoalition;
  readonly petShop: TestMerchant;
  readonly cafe: TestMerchant;
  readonly member: TestMember;
  /** An effective beneficiary of the member. */
  readonly friend: TestMember;
  readonly rewardId: string;
  readonly causeId: string;
  readonly operator: string;
  readonly auditor: string;
  /** Another operator, who decides appeals. */
  readonly judge: string;
}

/** An operation, whose token it is sent with, its variables, and what the answer has to say. */
export interface Contract {
  readonly operation: string;
  readonly token: (world: World) => string;
  readonly variables: (world: World) => object | Promise<object>;
  readonly answer: (world: World) => object;
}

/** A card as others see it. */
export const mask = ({ cardNumber }: TestMember): string => `**** **** **** ${cardNumber.slice(-4)}`;

/** Moves the clock out of the last minutes of a month, so that all that happens here is in one statement. */
function leaveMonthEnd({ clock }: TestCoalition): void {
  const soon = new Date(clock.now().getTime() + 600_000);
  if (soon.getUTCMonth() !== clock.now().getUTCMonth()) clock.advance(600_000);
}

/** Builds it. */
export async function buildWorld(): Promise<World> {
  const coalition = await startCoalition();
  leaveMonthEnd(coalition);
  const seed = seeds(coalition);
  await seed.programme();
  const petShop = await seed.merchant('Pet shop');
  const cafe = await seed.merchant('Café');
  await seed.campaign([
    {
      code: 'base',
      description: 'One point for one yuan',
      kind: 'PER_AMOUNT',
      points: 1,
      perAmountMinor: 100,
    },
  ]);
  const member = await seed.member([petShop, cafe], 'customer-1');
  const friend = await seed.member([petShop], 'customer-2');
  await makeBeneficiaryOf(coalition, member, friend);
  await seed.earn(petShop, member, 1000);
  const rewardId = await seed.reward(cafe, 100, { voucherValue: { amountMinor: 2000, currency: 'CNY' } });
  const causeId = await seed.cause();
  const pledge = {
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1000,
    quantityPerStep: 1000,
    limitQuantity: 500_000,
    agreementRef: 'test-agreement',
  };
  await mutate(coalition, petShop.token, 'pledgeMatching', 'PledgeMatchingInput', '', {
    idempotencyKey: unique('pledge'),
    causeId,
    ...pledge,
  });
  return {
    coalition,
    petShop,
    cafe,
    member,
    friend,
    rewardId,
    causeId,
    operator: await seed.operator(),
    auditor: await seed.auditor(),
    judge: await coalition.tokenOf({ kind: 'OPERATOR', subject: 'judge' }),
  };
}

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { act, expectSoundLedger } from '../../support/points.ts';
import {
  type CrashWorld,
  checkCancelCrashes,
  checkRedeemCrashes,
  checkRefusedCrashes,
} from './crash-suite.ts';
import { key } from './world.ts';

let accounts: TestAccounts;
let shop: OpenedMerchant;
beforeAll(async () => {
  accounts = await startTestAccounts(key);
  await publishProgramme(accounts);
  shop = await openMerchant(accounts, 'Shop');
});
afterAll(() => accounts.stop());

let members = 0;

async function newMember(points: number): Promise<string> {
  const { id } = await registerMember(accounts, shop, `member-${++members}`);
  if (points > 0) await act(accounts, shop.caller, 'issuePoints', { member: { id }, points });
  return id;
}

const world = (name: string): CrashWorld => ({
  uri: accounts.mongo.uri,
  database: accounts.mongo.database(name),
  accountsUrl: accounts.url,
  merchantId: shop.id,
  newMember,
});

const minutes = 60_000;

test(
  'killed at any point of a redemption, it ends as a redemption that was paid for or as nothing',
  async () => {
    const names = await checkRedeemCrashes(world('redeem'));

    expect(names).toEqual([
      'no crash',
      'before 1 redemptions.insert',
      'before 2 transaction',
      'after 2 transaction',
      'before 3 redemptions.move',
      'before 4 rewards.takeOne',
      'before 5 accounts.holdPoints',
      'after 5 accounts.holdPoints',
      'before 6 redemptions.move',
      'before 7 vouchers.insert',
      'before 8 redemptions.move',
      'before 9 accounts.capturePoints',
      'after 9 accounts.capturePoints',
      'before 10 transaction',
      'after 10 transaction',
      'before 11 redemptions.move',
      'before 12 vouchers.activate',
    ]);
    await expectSoundLedger(accounts);
  },
  3 * minutes,
);

test(
  'killed at any point of a redemption that cannot be paid, it ends with the stock whole and no voucher',
  async () => {
    const names = await checkRefusedCrashes(world('refused'));

    expect(names).toEqual([
      'no crash',
      'before 1 redemptions.insert',
      'before 2 transaction',
      'after 2 transaction',
      'before 3 redemptions.move',
      'before 4 rewards.takeOne',
      'before 5 accounts.holdPoints',
      'after 5 accounts.holdPoints',
      'before 6 redemptions.move',
      'before 7 transaction',
      'after 7 transaction',
      'before 8 redemptions.move',
      'before 9 vouchers.withdraw',
      'before 10 rewards.giveBack',
    ]);
    await expectSoundLedger(accounts);
  },
  3 * minutes,
);

test(
  'killed at any point of a cancellation, it ends as a redemption that stands or as one that is wholly undone',
  async () => {
    const names = await checkCancelCrashes(world('cancel'));

    expect(names).toEqual([
      'no crash',
      'before 1 transaction',
      'after 1 transaction',
      'before 2 vouchers.voidUnused',
      'before 3 redemptions.startCancelling',
      'before 4 accounts.reversePosting',
      'after 4 accounts.reversePosting',
      'before 5 redemptions.move',
      'before 6 transaction',
      'after 6 transaction',
      'before 7 redemptions.move',
      'before 8 rewards.giveBack',
    ]);
    await expectSoundLedger(accounts);
  },
  3 * minutes,
);

import { expect } from '@jest/globals';
import { mutate, seeds, unique } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import type { Contract, World } from './world.ts';

const weekMs = 7 * 86_400_000;

/** Points that are good for a month and can be restored. */
async function earnBriefly({ coalition, petShop, member }: World): Promise<void> {
  const seed = seeds(coalition);
  await seed.programme('BRIEF', 0, {
    validity: { kind: 'ROLLING', months: 1 },
    reminders: { daysBefore: [7], graceDays: 14, restoreOnce: true },
  });
  await seed.price(petShop, 'BRIEF');
  await mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
    idempotencyKey: unique('earn'),
    member: { id: member.id },
    programme: 'BRIEF',
    points: 70,
  });
}

/** When the points of `earnBriefly` expire. */
async function briefExpiry({ coalition, member }: World): Promise<number> {
  const query = '{ viewer { member { wallet(programme: "BRIEF") { nextExpiry { at } } } } }';
  const { viewer } = await coalition.send<{
    viewer: { member: { wallet: { nextExpiry: { at: string } } } };
  }>(member.token, query);
  return Date.parse(viewer.member.wallet.nextExpiry.at);
}

function passTo({ coalition: { clock } }: World, time: number): void {
  clock.advance(time + 1_000 - clock.now().getTime());
}

async function remindersOf({ coalition, member }: World): Promise<number> {
  const query = '{ viewer { member { reminders(programme: "BRIEF") { edges { cursor } } } } }';
  const { viewer } = await coalition.send<{ viewer: { member: { reminders: { edges: unknown[] } } } }>(
    member.token,
    query,
  );
  return viewer.member.reminders.edges.length;
}

/** Reminders and restoring. These move the world on to before and after an expiry. */
export const expiryContracts: readonly Contract[] = [
  {
    operation: 'storefront/reminders',
    token: ({ member }) => member.token,
    variables: async (world) => {
      await earnBriefly(world);
      passTo(world, (await briefExpiry(world)) - weekMs);
      await until(async () => (await remindersOf(world)) > 0);
      return {};
    },
    answer: () => ({
      viewer: {
        member: {
          reminders: {
            edges: [
              {
                node: {
                  ...{ daysBefore: 7, points: 70, held: 0, programme: { code: 'BRIEF' } },
                  rescues: ['DONATE', 'GIFT', 'POOL', 'VOUCHER'].map((kind) => ({ kind, points: 70 })),
                },
              },
            ],
          },
          wallets: expect.arrayContaining([
            {
              programme: { code: 'BRIEF' },
              nextExpiry: expect.objectContaining({ points: 70 }),
              restorable: [],
            },
          ]),
        },
      },
    }),
  },
  {
    operation: 'storefront/restore',
    token: ({ member }) => member.token,
    variables: async (world) => {
      passTo(world, await briefExpiry(world));
      const query = '{ viewer { member { wallet(programme: "BRIEF") { restorable { id } } } } }';
      const { viewer } = await world.coalition.send<{
        viewer: { member: { wallet: { restorable: { id: string }[] } } };
      }>(world.member.token, query);
      const [lot] = viewer.member.wallet.restorable;
      return { input: { idempotencyKey: 'restore-1', lotId: lot!.id } };
    },
    answer: () => ({
      restoreLot: {
        replayed: false,
        posting: { kind: 'RESTORE', points: 70 },
        wallet: { available: 70, arrears: 0, nextExpiry: { points: 70 } },
      },
    }),
  },
  {
    operation: 'operator/expiry',
    token: ({ operator }) => operator,
    variables: () => ({ first: 5 }),
    answer: () => ({
      extendedLots: { edges: [], pageInfo: { hasNextPage: false } },
      overdueReminders: { pageInfo: { hasNextPage: false } },
      unreachedReminders: { edges: [], pageInfo: { hasNextPage: false } },
    }),
  },
];

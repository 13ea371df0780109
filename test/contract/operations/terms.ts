import { expect } from '@jest/globals';
import { mutate, seeds, unique } from '../../support/seed.ts';
import type { Contract, World } from './world.ts';

const parcel = { kind: 'ON_EVENT', event: 'delivered', withinDays: 30, otherwise: 'LAPSE' };

/** A programme whose points wait for the delivery, and a receipt in it. */
async function earnOnDelivery({ coalition, petShop, member }: World): Promise<void> {
  const seed = seeds(coalition);
  await seed.programme('PARCEL', 0, { unlock: parcel, transfers: { allowed: false } });
  await seed.price(petShop, 'PARCEL');
  await mutate(coalition, petShop.token, 'issuePoints', 'IssuePointsInput', '', {
    idempotencyKey: unique('issue'),
    member: { id: member.id },
    programme: 'PARCEL',
    points: 40,
    externalRef: 'parcel-1',
  });
}

/** Points that wait for an event, and the terms that say so. */
export const termsContracts: readonly Contract[] = [
  {
    operation: 'till/deliver',
    token: ({ petShop }) => petShop.token,
    variables: async (current) => {
      await earnOnDelivery(current);
      return { input: { idempotencyKey: 'deliver-1', externalRef: 'parcel-1', event: 'delivered' } };
    },
    answer: () => ({
      unlockPoints: {
        __typename: 'PointsPosted',
        replayed: false,
        posting: { kind: 'UNLOCK', points: 40, settledArrears: 0 },
        wallet: { available: 40, pending: 0, arrears: 0 },
      },
    }),
  },
  {
    operation: 'storefront/terms',
    token: ({ member }) => member.token,
    variables: () => ({ programme: 'PARCEL' }),
    answer: () => ({
      programme: {
        name: 'PARCEL',
        version: 1,
        unlock: { ...parcel, days: null },
        validity: { kind: 'ROLLING', months: 12, roundTo: 'DAY' },
        eligibleIssuers: null,
        arrears: 'OWE',
        transfers: { allowed: false, declineWithinDays: 0 },
        reminders: { daysBefore: [30, 7, 1], graceDays: 0, restoreOnce: false },
      },
      disclosures: [
        {
          version: 1,
          hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          previous: null,
          diff: [],
          changeNotice: null,
        },
      ],
    }),
  },
  // These move the clock on, to where everything above is under seal and counted.
];

import { pino } from 'pino';
import { type Household, newHousehold, unlimited } from '../../../subgraphs/accounts/household/household.ts';
import { createHouseholdStore } from '../../../subgraphs/accounts/household/household-store.ts';
import type { Command } from '../../../subgraphs/accounts/ledger/command.ts';
import { createLedger, type Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import type { SpendingLimits } from '../../../subgraphs/accounts/ledger/roster.ts';
import type { ProgrammeTerms } from '../../../subgraphs/accounts/ledger/terms.ts';
import { createOutboxStore } from '../../../subgraphs/shared/events/outbox-store.ts';
import { newId } from '../../../subgraphs/shared/ids.ts';
import { buildIndexes, connectMongo } from '../../../subgraphs/shared/mongo.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { noReminders, plainPolicy } from '../../support/policy.ts';

export const programme = 'SHARED';

const terms: ProgrammeTerms = {
  code: programme,
  version: 1,
  ...plainPolicy,
  reminders: noReminders,
  holdTimeoutSeconds: 900,
  reinstatementDays: 30,
};

/** Every member is registered with two merchants, of which one may learn of all its points. */
const listeners = [
  { merchantId: 'pets', whole: false },
  { merchantId: 'cafe', whole: true },
];

/** Issue and redemption prices by merchant; any other merchant has none. */
const prices = new Map([
  ['pets', { issuePricePerThousand: 95n, redemptionPricePerThousand: 91n }],
  ['cafe', { issuePricePerThousand: 87n, redemptionPricePerThousand: 83n }],
]);

/** A database server and ledgers on it; each `ledger()` has a connection of its own, as another process would. */
export async function startLedgerWorld(
  changes: Partial<ProgrammeTerms> = {},
  startMongo: () => Promise<TestMongo> = startTestMongo,
) {
  const mongo = await startMongo();
  const database = mongo.database('ledger');
  const clock = { at: new Date('2026-03-01T10:00:00Z'), now: () => clock.at };
  const stops: (() => Promise<void>)[] = [];
  const connect = async () => {
    const connection = await connectMongo(mongo.uri, database);
    stops.push(() => connection.close(true));
    return connection;
  };
  const ledger = async (): Promise<Ledger> => {
    const connection = await connect();
    const households = createHouseholdStore(connection);
    const made = createLedger({
      connection,
      clock,
      newId,
      log: pino({ level: 'silent' }),
      programmeAt: async (code) => (code === programme ? { ...terms, ...changes } : null),
      priceAt: async (merchantId) => prices.get(merchantId) ?? null,
      listenersOf: async (ids) => new Map(ids.map((id) => [id, listeners])),
      addEvents: createOutboxStore(connection, () => ['webhooks']).add,
      rosters: households.rosters,
      guardHouseholds: households.guard,
    });
    await buildIndexes(connection);
    return made;
  };
  /** Breaks every connection at once, as the death of a process would. */
  const crash = async () => {
    await Promise.all(stops.splice(0).map((close) => close()));
  };
  const stop = async () => {
    await crash();
    await mongo.stop();
  };
  return { mongo, database, clock, connect, ledger, crash, stop };
}

export type LedgerWorld = Awaited<ReturnType<typeof startLedgerWorld>>;

let keys = 0;

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;
type Given<K extends Command['kind']> = Omit<
  Of<K>,
  'kind' | 'caller' | 'idempotencyKey' | 'inputHash' | 'programme'
> & {
  readonly key?: string;
};

/** Builds a command of the programme with a key of its own; its hash stands for all that is given. */
export function make<K extends Command['kind']>(kind: K, given: Given<K>): Of<K> {
  const { key = `key-${++keys}`, ...rest } = given as { key?: string };
  const inputHash = JSON.stringify(rest, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return {
    kind,
    programme,
    caller: 'merchant:pets',
    idempotencyKey: key,
    inputHash,
    ...rest,
  } as unknown as Of<K>;
}

export const earn = (memberId: string, points: bigint, more: Partial<Given<'EARN'>> = {}) =>
  make('EARN', { memberId, merchantId: 'pets', points, ...more });
export const redeem = (memberId: string, points: bigint, more: Partial<Given<'REDEEM'>> = {}) =>
  make('REDEEM', { memberId, merchantId: 'cafe', points, ...more });
export const hold = (memberId: string, points: bigint, more: Partial<Given<'HOLD'>> = {}) =>
  make('HOLD', { memberId, merchantId: 'cafe', points, ...more });

/** Points of a payment come back, by the merchant that took them. */
export const refund = (postingId: string, more: Partial<Given<'REVERSE'>> = {}) => ({
  ...make('REVERSE', { postingId, reason: 'returned', ...more }),
  caller: 'merchant:cafe',
});

/** A household of these members, the first its head. */
export function familyOf(
  id: string,
  ids: readonly string[],
  at: Date,
  limits: SpendingLimits = unlimited,
): Household {
  const begun = newHousehold(id, 'Home', { id: `${id}-seat`, memberId: ids[0]! }, at);
  const members = ids.map((memberId, i) => ({
    ...begun.members[0]!,
    id: `${id}-seat-${i}`,
    memberId,
    limits,
  }));
  return { ...begun, members };
}

/** Puts a member's points into the pool of its household. */
export const contribute = (memberId: string, { id: householdId }: Household, points: bigint) =>
  make('CONTRIBUTE', { memberId, householdId, points });

/** A gift to somebody who has been a beneficiary for long. */
export const give = (
  memberId: string,
  toMemberId: string,
  points: bigint,
  more: Partial<Given<'TRANSFER'>> = {},
) =>
  make('TRANSFER', {
    memberId,
    toMemberId,
    points,
    beneficiaryFrom: new Date('2026-01-01T00:00:00Z'),
    ...more,
  });

/** The rows of each of the ledger's collections, counted: what "nothing was written" is told by. */
export async function countRows(world: LedgerWorld): Promise<Record<string, number>> {
  const connection = await world.connect();
  const names = ['wallets', 'lots', 'postings', 'holds', 'cases', 'keys'];
  const collections = [...names.map((name) => `ledger-${name}`), 'outbox'];
  const counts = await Promise.all(collections.map((name) => connection.collection(name).countDocuments()));
  return Object.fromEntries([...names, 'events'].map((name, i) => [name, counts[i]!]));
}

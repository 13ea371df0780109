import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { earn, hold, type LedgerWorld, make, redeem, startLedgerWorld } from './ledger-world.ts';

let world: LedgerWorld;
beforeEach(async () => {
  world = await startLedgerWorld();
});
afterEach(() => world.stop());

interface Told {
  readonly subject: string;
  readonly partition: string;
  readonly sequence: number;
  readonly audience: string[];
  readonly data: { kind: string; points: number; change: number; memberId: string };
}

/** What the outbox holds, in the order in which a relay reads each wallet's. */
async function told(): Promise<Told[]> {
  const connection = await world.connect();
  const rows = await connection.collection('outbox').find().sort({ partition: 1, sequence: 1 }).toArray();
  return rows as unknown as Told[];
}

const postings = async () => (await world.connect()).collection('ledger-postings').find().toArray();

test('each posting is told once, in the order of its wallet, to the merchants that may see it', async () => {
  const ledger = await world.ledger();
  await ledger.execute(earn('ann', 100n));
  await ledger.execute(redeem('ann', 30n));
  await ledger.execute(hold('ann', 20n));
  // In one batch, decided one after another.
  await Promise.all([
    ledger.execute(earn('ann', 1n)),
    ledger.execute(earn('ann', 2n)),
    ledger.execute(earn('ann', 3n)),
  ]);

  const events = await told();

  expect(events.map(({ data, audience }) => [data.kind, data.points, data.change, audience])).toEqual([
    ['EARN', 100, 100, ['pets']],
    ['REDEEM', 30, -30, ['cafe']],
    ['HOLD', 20, 0, ['cafe']],
    ['EARN', 1, 1, ['pets']],
    ['EARN', 2, 2, ['pets']],
    ['EARN', 3, 3, ['pets']],
  ]);
  expect(new Set(events.map(({ sequence }) => sequence)).size).toBe(6);
  const ids = (await postings()).map((posting) => String(posting._id));
  expect(events.map(({ subject }) => subject).sort()).toEqual(ids.sort());
});

test('a transfer is told from both sides, each in the order of its own wallet', async () => {
  const ledger = await world.ledger();
  await ledger.execute(earn('ann', 100n));
  await ledger.execute(
    make('TRANSFER', { memberId: 'ann', toMemberId: 'ben', points: 40n, beneficiaryFrom: new Date(0) }),
  );

  const transfers = (await told()).filter(({ data }) => data.kind === 'TRANSFER');

  expect(transfers.map(({ partition, data }) => [partition, data.memberId, data.change])).toEqual([
    ['wal_ann_SHARED', 'ann', -40],
    ['wal_ben_SHARED', 'ben', 40],
  ]);
  expect(new Set(transfers.map(({ subject }) => subject)).size).toBe(1);
});

test('what fell due is told before what found it', async () => {
  const ledger = await world.ledger();
  await ledger.execute(earn('ann', 100n));
  await ledger.execute(hold('ann', 20n));
  world.clock.at = new Date('2026-03-01T11:00:00Z');
  await ledger.execute(redeem('ann', 100n));

  expect((await told()).map(({ data }) => data.kind)).toEqual(['EARN', 'HOLD', 'VOID', 'REDEEM']);
});

test('a refusal and a request that comes again are not told', async () => {
  const ledger = await world.ledger();
  const command = earn('ann', 100n);
  await ledger.execute(command);

  expect(await ledger.execute(redeem('ann', 101n))).toMatchObject({ kind: 'NotEnoughPoints' });
  expect(await ledger.execute(command)).toMatchObject({ kind: 'PointsPosted', replayed: true });

  expect(await told()).toHaveLength(1);
});

test('two ledgers that write one wallet tell in the order of their commits', async () => {
  const [one, two] = [await world.ledger(), await world.ledger()];
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 ? one : two).execute(earn('ann', BigInt(i + 1)))),
  );

  const events = await told();

  const written = (await postings()).map((posting) => String(posting._id));
  expect(events.map(({ subject }) => subject).sort()).toEqual(written.sort());
  expect(new Set(events.map(({ sequence }) => sequence)).size).toBe(20);
});

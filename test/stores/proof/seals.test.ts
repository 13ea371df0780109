import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Command, OutcomeOf } from '../../../subgraphs/accounts/ledger/command.ts';
import type { Ledger } from '../../../subgraphs/accounts/ledger/ledger.ts';
import type { Posting } from '../../../subgraphs/accounts/ledger/posting.ts';
import { createProof } from '../../../subgraphs/accounts/proof/proof.ts';
import type { Seal } from '../../../subgraphs/accounts/proof/seal.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import { startSweeper } from '../../../subgraphs/shared/sweeper.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { earn, type LedgerWorld, make, redeem, startLedgerWorld } from '../ledger/ledger-world.ts';
import { answerOf, type OpenedProof, openProof, optionsOf } from './proof-world.ts';

let world: LedgerWorld;
let ledger: Ledger;
let opened: OpenedProof;

beforeEach(async () => {
  world = await startLedgerWorld();
  ledger = await world.ledger();
  opened = await openProof(world);
});
afterEach(() => world.stop());

const goTo = (instant: string) => {
  world.clock.at = new Date(instant);
};

async function post(command: Command): Promise<Posting> {
  const outcome = (await ledger.execute(command)) as OutcomeOf<Command>;
  if (outcome.kind !== 'PointsPosted') throw new Error(outcome.kind);
  return outcome.posting;
}

const allSeals = (from: OpenedProof = opened): Promise<Seal[]> => from.stores.seals.from('', 1_000);

const verdictOf = async (posting: Posting) =>
  (await verifyProof(await answerOf(opened, posting), opened.signer.publicKeys, nodeCrypto)).verdict;

const postings = () => opened.connection.collection<{ _id: string }>('ledger-postings');

/** Three days with postings and one without in between. */
async function fourDays(): Promise<Posting[]> {
  const made = [await post(earn('ann', 100n)), await post(earn('ben', 50n))];
  goTo('2026-03-02T10:00:00Z');
  made.push(await post(redeem('ann', 30n)));
  goTo('2026-03-04T23:59:59.999Z');
  made.push(
    await post(
      make('TRANSFER', { memberId: 'ann', toMemberId: 'ben', points: 20n, beneficiaryFrom: new Date(0) }),
    ),
  );
  return made;
}

test('every posting of the days under seal is proven, and the seals say what the journal says', async () => {
  const made = await fourDays();
  goTo('2026-03-05T01:00:00Z');

  await opened.proof.sweep();

  expect((await allSeals()).map(({ day, count }) => [day, count])).toEqual([
    ['2026-03-01', 2],
    ['2026-03-02', 1],
    ['2026-03-03', 0],
    ['2026-03-04', 1],
  ]);
  for (const posting of made) expect(await verdictOf(posting)).toBe('GOOD');
  expect(await opened.violations()).toEqual([]);
});

test('a posting of a day that is not over for long enough has no proof yet', async () => {
  const posting = await post(earn('ann', 100n));
  goTo('2026-03-02T00:59:59Z');

  await opened.proof.sweep();

  expect(await opened.proof.posting(posting, null)).toEqual({
    kind: 'NotSealedYet',
    availableFrom: new Date('2026-03-02T01:00:00Z'),
  });
  expect(await allSeals()).toEqual([]);
});

test('sealing again, later or elsewhere changes nothing that was sealed', async () => {
  await fourDays();
  goTo('2026-03-03T01:00:00Z');
  await opened.proof.sweep();
  const before = await allSeals();

  await opened.proof.sweep();
  await (await openProof(world, makeSigningKey())).proof.sweep();
  expect(await allSeals()).toEqual(before);
  goTo('2026-03-05T01:00:00Z');
  await opened.proof.sweep();

  expect((await allSeals()).slice(0, 2)).toEqual(before);
  expect(await opened.violations()).toEqual([]);
});

test('many processes that seal at once make one chain, whichever key each signs with', async () => {
  const made = await fourDays();
  const others = [];
  for (let i = 0; i < 4; i++) others.push(await openProof(world, makeSigningKey()));
  goTo('2026-03-05T01:00:00Z');

  await Promise.all([opened, ...others].map(({ proof }) => proof.sweep()));

  expect((await allSeals()).map(({ day }) => day)).toEqual([
    '2026-03-01',
    '2026-03-02',
    '2026-03-03',
    '2026-03-04',
  ]);
  expect(await opened.violations()).toEqual([]);
  const keys = await opened.proof.signingKeys();
  expect(keys.length).toBe(5);
  for (const posting of made)
    expect((await verifyProof(await answerOf(opened, posting), keys, nodeCrypto)).verdict).toBe('GOOD');
});

test('a sealer that dies between any two of its writes loses nothing and spoils nothing', async () => {
  const made = await fourDays();
  goTo('2026-03-05T01:00:00Z');

  // It dies before its first write, then before its second, and so on, until one run comes through.
  let runs = 0;
  for (let allowed = 0; ; allowed++) {
    runs++;
    let left = allowed;
    const dying =
      <A extends unknown[], T>(write: (...args: A) => Promise<T>) =>
      (...args: A): Promise<T> =>
        left-- > 0 ? write(...args) : Promise.reject(new Error('died'));
    const { seals, chunks } = opened.stores;
    const stores = {
      ...opened.stores,
      seals: { ...seals, insert: dying(seals.insert) },
      chunks: { ...chunks, keep: dying(chunks.keep) },
    };
    const proof = createProof(optionsOf(opened.connection, stores, opened.signer, world));
    const died = await proof.sweep().then(
      () => false,
      () => true,
    );
    if (!died) break;
  }

  expect(runs).toBeGreaterThan(2);
  expect((await allSeals()).length).toBe(4);
  for (const posting of made) expect(await verdictOf(posting)).toBe('GOOD');
  expect(await opened.violations()).toEqual([]);
});

test('a sealer that was stopped for weeks catches up, one day after another', async () => {
  const posting = await post(earn('ann', 100n));
  goTo('2026-04-01T01:00:00Z');
  const sweeper = startSweeper({
    name: 'seals',
    everyMs: 3_600_000,
    log: pino({ level: 'silent' }),
    work: async () => void (await opened.proof.sweep()),
  });

  await sweeper.run();

  await sweeper.stop();
  expect((await allSeals()).length).toBe(31);
  expect(await verdictOf(posting)).toBe('GOOD');
  expect(await opened.violations()).toEqual([]);
});

test('a posting that is written into a sealed day is found out by the check and has no proof', async () => {
  const [first] = await fourDays();
  goTo('2026-03-05T01:00:00Z');
  await opened.proof.sweep();

  // A process whose clock is days behind.
  goTo('2026-03-02T12:00:00Z');
  const late = await post(earn('ann', 1n));

  expect(await opened.proof.posting(late, null)).toEqual({ kind: 'NotUnderSeal', day: '2026-03-02' });
  expect(await opened.violations()).toEqual(['SEAL_EQUALS_JOURNAL 2026-03-02']);
  expect(await verdictOf(first!)).toBe('GOOD');
  goTo('2026-02-01T12:00:00Z');
  await post(earn('ann', 1n));
  expect(await opened.violations()).toEqual([
    'SEAL_EQUALS_JOURNAL 2026-02-01',
    'SEAL_EQUALS_JOURNAL 2026-03-02',
  ]);
});

test('a posting that is changed or removed after its day was sealed is found out, and its proof is refused', async () => {
  const [first, second] = await fourDays();
  goTo('2026-03-05T01:00:00Z');
  await opened.proof.sweep();

  await postings().updateOne({ _id: first!.id }, { $set: { externalRef: 'forged' } });

  expect(await opened.violations()).toContain('SEAL_EQUALS_JOURNAL 2026-03-01');
  expect(await opened.proof.posting({ ...first!, externalRef: 'forged' }, null)).toEqual({
    kind: 'NotUnderSeal',
    day: '2026-03-01',
  });
  await postings().updateOne({ _id: first!.id }, { $set: { externalRef: null } });
  expect(await opened.violations()).toEqual([]);
  await postings().deleteOne({ _id: second!.id });
  expect(await opened.violations()).toContain('SEAL_EQUALS_JOURNAL 2026-03-01');
});

test.each([
  ['its root', { root: 'f'.repeat(64) }, ['SEAL_IS_SIGNED 2026-03-02', 'SEAL_EQUALS_JOURNAL 2026-03-02']],
  ['its count', { count: 7 }, ['SEAL_IS_SIGNED 2026-03-02', 'SEAL_EQUALS_JOURNAL 2026-03-02']],
  ['its text', { content: '{}' }, ['SEAL_IS_SIGNED 2026-03-02']],
  ['its signature', { 'signature.signature': 'A'.repeat(86) }, ['SEAL_IS_SIGNED 2026-03-02']],
  ['its hash', { hash: 'f'.repeat(64) }, ['SEAL_IS_SIGNED 2026-03-02', 'SEALS_FOLLOW_EACH_OTHER 2026-03-03']],
  [
    'what it follows',
    { previous: 'f'.repeat(64) },
    ['SEALS_FOLLOW_EACH_OTHER 2026-03-02', 'SEAL_IS_SIGNED 2026-03-02'],
  ],
  ['its chunks', { chunks: [] }, ['SEAL_HAS_LEAVES 2026-03-02']],
])('a seal is found out that was changed in %s', async (_, change, found) => {
  await fourDays();
  goTo('2026-03-05T01:00:00Z');
  await opened.proof.sweep();

  await opened.connection
    .collection<{ _id: string }>('ledger-seals')
    .updateOne({ _id: '2026-03-02' }, { $set: change });

  expect(await opened.violations()).toEqual(found);
});

test('a seal that was removed is found out, and so is one whose key nobody published', async () => {
  await fourDays();
  goTo('2026-03-05T01:00:00Z');
  await opened.proof.sweep();
  const rows = opened.connection.collection<{ _id: string }>('ledger-seals');

  await opened.connection.collection('signing-keys').deleteMany({});
  expect(await opened.violations()).toEqual(
    ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'].map((day) => `SEAL_IS_SIGNED ${day}`),
  );
  await opened.proof.publishKeys();
  await rows.deleteOne({ _id: '2026-03-02' });
  expect(await opened.violations()).toEqual(['SEALS_FOLLOW_EACH_OTHER 2026-03-03']);
});

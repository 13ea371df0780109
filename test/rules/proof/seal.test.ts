import { describe, expect, test } from '@jest/globals';
import { leafOf } from '../../../subgraphs/accounts/proof/leaf.ts';
import { emptyRoot, leafHash, nodeHash } from '../../../subgraphs/accounts/proof/merkle.ts';
import { isDay, noSeal, sealableFrom } from '../../../subgraphs/accounts/proof/seal.ts';
import { sha256 } from '../../../subgraphs/shared/idempotency.ts';
import { verifySignature } from '../../../subgraphs/shared/signing/signer.ts';
import { posting, sealedJournal } from './sealed-journal.ts';

const at = (instant: string) => new Date(instant);
const secret = Buffer.alloc(32, 7);

describe('a day', () => {
  test('is sealed an hour after it ended in UTC and no earlier', async () => {
    const journal = sealedJournal([posting({ id: 'p1' })], '2026-03-02T00:59:59.999Z');

    expect(await journal.seal()).toBe(0);
    expect(journal.seals()).toEqual([]);
    journal.clock.at = at('2026-03-02T01:00:00.000Z');
    expect(await journal.seal()).toBe(1);
    expect(journal.seals().map(({ day, count }) => [day, count])).toEqual([['2026-03-01', 1]]);
    expect(sealableFrom('2026-03-01')).toEqual(journal.clock.at);
  });

  test('holds what was recorded in it, by programme, then by time, then by id', async () => {
    const late = posting({ id: 'p1', recordedAt: at('2026-03-01T23:59:59.999Z') });
    const [b, a] = ['b', 'a'].map((id) => posting({ id, recordedAt: at('2026-03-01T00:00:00.000Z') }));
    const green = posting({ id: 'z', programme: 'GREEN', recordedAt: at('2026-03-01T12:00:00Z') });
    const next = posting({ id: 'p0', recordedAt: at('2026-03-02T00:00:00.000Z') });
    const journal = sealedJournal([late, b!, a!, green, next], '2026-03-02T01:00:00Z');

    await journal.seal();

    const [hz, ha, hb, hlate] = [green, a!, b!, late].map((each) => leafHash(leafOf(each, secret).text));
    const [seal] = journal.seals();
    expect(seal!.count).toBe(4);
    expect(seal!.root).toBe(nodeHash(nodeHash(hz!, ha!), nodeHash(hb!, hlate!)).toString('hex'));
  });

  test('without postings is sealed too, and each seal names the one before', async () => {
    const [first, last] = [
      posting({ id: 'a' }),
      posting({ id: 'b', recordedAt: at('2026-03-04T10:00:00Z') }),
    ];
    const journal = sealedJournal([first, last], '2026-03-05T01:00:00Z');

    expect(await journal.seal()).toBe(4);

    const seals = journal.seals();
    expect(seals.map(({ day, count }) => [day, count])).toEqual([
      ['2026-03-01', 1],
      ['2026-03-02', 0],
      ['2026-03-03', 0],
      ['2026-03-04', 1],
    ]);
    expect(seals[1]!.root).toBe(emptyRoot().toString('hex'));
    expect(seals.map(({ previous }) => previous)).toEqual([
      noSeal,
      ...seals.slice(0, 3).map(({ hash }) => hash),
    ]);
  });

  test('is never sealed while nothing was ever recorded', async () => {
    const journal = sealedJournal([], '2026-03-05T01:00:00Z');

    expect(await journal.seal()).toBe(0);
    expect(journal.seals()).toEqual([]);
  });

  test('is caught up with after weeks, some at a time', async () => {
    const journal = sealedJournal([posting({ id: 'a' })], '2026-06-09T01:00:00Z');

    expect([await journal.seal(), await journal.seal(), await journal.seal()]).toEqual([60, 40, 0]);
    expect(journal.seals().at(-1)!.day).toBe('2026-06-08');
  });

  test('is a day of the calendar', () => {
    const texts = ['2026-03-01', '2024-02-29', '2026-02-29', '2026-13-01', '2026-3-1', '', 'today'];

    expect(texts.map(isDay)).toEqual([true, true, false, false, false, false, false]);
  });
});

describe('a seal', () => {
  test('is the signed and hashed canonical JSON of what it says', async () => {
    const journal = sealedJournal([posting({ id: 'a' })], '2026-03-02T01:00:00Z');

    await journal.seal();

    const [{ day, count, root, previous, content, hash, signature }] = journal.seals() as [
      ReturnType<typeof journal.seals>[0],
    ];
    expect(content).toBe(
      `{"count":${count},"day":"${day}","previous":"${previous}","root":"${root}","type":"jifen-ledger-seal"}`,
    );
    expect(hash).toBe(sha256(content));
    expect(verifySignature(journal.signer.publicKeys, JSON.parse(content), signature)).toBe(true);
  });
});

describe('a leaf', () => {
  test('says what all who see the posting see, and only commits to the rest', () => {
    const { text, openings } = leafOf(posting({ id: 'pos_1', externalRef: 'R-1' }), secret);

    expect(JSON.parse(text)).toEqual({
      type: 'jifen-posting',
      version: 2,
      id: 'pos_1',
      kind: 'EARN',
      at: '2026-03-01T10:00:00.000Z',
      recordedAt: '2026-03-01T10:00:00.000Z',
      programme: 'SHARED',
      points: '5',
      arrears: '0',
      externalRef: 'R-1',
      lines: [],
      entries: [
        { account: 'issuer:pets', points: '-5' },
        { account: 'wallet:0:available', points: '5' },
      ],
      provenance: sha256(openings.provenance),
      money: sha256(openings.money),
    });
    expect(JSON.parse(openings.money)).toEqual({
      part: 'money',
      salt: expect.stringMatching(/^[0-9a-f]{64}$/),
      value: { effect: { issued: '5', owedMilli: '475' } },
    });
    expect(JSON.parse(openings.provenance).value).toMatchObject({
      ...{ lotId: 'lot', memberIds: ['m'] },
      entries: [{ account: 'issuer:pets' }, { account: 'wallet:wal_m_SHARED:available' }],
    });
  });

  test('of a day that an earlier release sealed names the wallet', () => {
    const { text, openings } = leafOf(posting({ id: 'pos_1' }), secret, 1);

    expect(JSON.parse(text).version).toBeUndefined();
    expect(text).toContain('wallet:wal_m_SHARED:available');
    expect(JSON.parse(openings.provenance).value.entries).toBeUndefined();
  });

  test('has a salt of its own for each part and posting', () => {
    const salts = ['pos_1', 'pos_2'].flatMap((id) =>
      Object.values(leafOf(posting({ id }), secret).openings).map((opening) => JSON.parse(opening).salt),
    );

    expect(new Set(salts).size).toBe(4);
  });

  test('changes with anything of its posting', () => {
    const original = posting({ id: 'pos_1' });
    const changes: Partial<typeof original>[] = [
      { points: 6n },
      { at: at('2026-03-01T10:00:00.001Z') },
      { recordedAt: at('2026-03-01T10:00:00.001Z') },
      { kind: 'REDEEM' },
      { programme: 'GREEN' },
      { walletIds: ['other'] },
      { memberIds: ['other'] },
      { merchantId: 'cafe' },
      { merchantIds: [] },
      { causeId: 'c' },
      { holdId: 'h' },
      { externalRef: 'r' },
      { campaignId: 'c' },
      { keeper: 'k' },
      { reason: 'r' },
      { reverses: 'p' },
      { arrears: 1n },
      { lotId: 'l2' },
      { lines: [{ id: '1', points: 5n }] },
      { entries: [] },
      { allocations: [] },
      { effect: {} },
      { declinableUntil: at('2026-03-08T10:00:00Z') },
      { goodUntil: at('2026-03-08T10:00:00Z') },
      { note: { name: 'A toy', categories: ['toys'], goods: [] } },
    ];
    const texts = changes.map((change) => leafOf({ ...original, ...change }, secret).text);

    expect(new Set([leafOf(original, secret).text, ...texts]).size).toBe(changes.length + 1);
    // Every field of a posting but its id is among the changes.
    expect(new Set(changes.flatMap(Object.keys))).toEqual(
      new Set(Object.keys(original).filter((name) => name !== 'id')),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emptyWallet, memberHolder } from '../../../subgraphs/accounts/ledger/wallet.ts';
import { balanceAt, isPeriod, leavesFor } from '../../../subgraphs/accounts/proof/liability.ts';
import { mostPoints } from '../../../subgraphs/accounts/proof/merkle.ts';
import { createSigner } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { webCrypto } from '../../../tools/verify/web-crypto.ts';
import { answeredBalance, balance, countedBalances } from './counted-balances.ts';
import { provingPlaces, spoil, withChange } from './places.ts';
import { posting } from './sealed-journal.ts';

const verdictOf = async (file: unknown) => (await verifyProof(file, null, nodeCrypto)).verdict;

const many = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    balance(`wal_mem_${i}_SHARED`, BigInt(i * 10), BigInt(i % 3 === 0 ? 0 : i)),
  );

describe('a total', () => {
  test('is the sum of all balances, with arrears beside it and not taken from anybody', async () => {
    const counted = countedBalances([balance('a', 100n), balance('b', 50n, 7n), balance('c', 0n, 20n)]);

    expect(await counted.build()).toBe(1);

    const [total] = counted.totals();
    expect(total).toMatchObject({
      programme: 'SHARED',
      period: '2026-03',
      at: new Date('2026-04-01T00:00:00Z'),
      leaves: 4,
      points: 150n,
      arrears: 27n,
      outstanding: 123n,
    });
    expect(JSON.parse(total!.content)).toEqual({
      type: 'jifen-liabilities',
      programme: 'SHARED',
      period: '2026-03',
      at: '2026-04-01T00:00:00.000Z',
      leaves: 4,
      root: total!.root,
      points: '150',
      arrears: '27',
      outstanding: '123',
    });
  });

  test('is made an hour after the end of its month, once, and for each month since the first posting', async () => {
    const counted = countedBalances([balance('a', 1n)], '2026-04-01T00:59:59.999Z');

    expect(await counted.build()).toBe(0);
    counted.clock.at = new Date('2026-06-01T01:00:00Z');
    expect([await counted.build(), await counted.build()]).toEqual([3, 0]);
    expect(counted.totals().map(({ period }) => period)).toEqual(['2026-03', '2026-04', '2026-05']);
  });

  test('waits while something that fell due before its month ended is still to be written', async () => {
    const counted = countedBalances([balance('a', 1n)]);
    const waiting: Date[] = [];
    const ports = { ...counted.ports, isDueBefore: async (at: Date) => waiting.push(at) > 0 };
    const { buildLiabilities } = await import('../../../subgraphs/accounts/proof/build-liabilities.ts');

    expect(await buildLiabilities(ports)).toBe(0);
    expect(waiting).toEqual([new Date('2026-04-01T00:00:00Z')]);
    expect(counted.totals()).toEqual([]);
  });

  test.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 4],
    [1_024, 1_024],
    [1_025, 2_048],
  ])('over %i balances has a tree of %i leaves', (balances, leaves) => {
    expect(leavesFor(balances)).toBe(leaves);
  });

  test.each([[[balance('a', -1n), balance('b', 5n)]], [[balance('a', mostPoints), balance('b', 1n)]]])(
    'is refused over a balance that is negative, or a sum that is too large',
    async (balances) => {
      const counted = countedBalances(balances);

      await expect(counted.build()).rejects.toThrow(/cannot hold -?\d+ points/);
      expect(counted.totals()).toEqual([]);
    },
  );

  test('keeps no row of what only filled its tree up, nor of a build that came second', async () => {
    const counted = countedBalances(many(3));
    await counted.build();
    const { buildLiabilities } = await import('../../../subgraphs/accounts/proof/build-liabilities.ts');

    await buildLiabilities({
      ...counted.ports,
      newest: async () => null,
      now: () => new Date('2026-04-02T00:00:00Z'),
    });

    expect([...counted.rows.keys()]).toEqual(['tree_1']);
    const kept = counted.rows.get('tree_1')!.map(({ walletId }) => walletId);
    expect(kept).toHaveLength(3);
    expect(new Set(kept)).toEqual(new Set(['wal_mem_0_SHARED', 'wal_mem_1_SHARED', 'wal_mem_2_SHARED']));
  });
});

describe('a balance at an earlier instant', () => {
  test('is what the wallet holds now, less what later postings made of it', () => {
    const wallet = {
      ...emptyWallet('w', memberHolder('m'), 'SHARED'),
      available: 70n,
      held: 20n,
      arrears: 0n,
    };
    const entries = (moved: Record<string, bigint>) =>
      Object.entries(moved).map(([bucket, points]) => ({ account: `wallet:w:${bucket}`, points }));
    const later = [
      posting({
        id: 'p1',
        entries: [...entries({ available: 30n, arrears: 12n }), { account: 'issuer:x', points: -42n }],
      }),
      posting({ id: 'p2', entries: entries({ available: -20n, held: 20n }) }),
      posting({ id: 'p3', entries: [{ account: 'wallet:other:available', points: 1_000n }] }),
    ];

    expect(balanceAt({ wallet, pooled: [], later })).toEqual({
      walletId: 'w',
      points: 60n,
      pooled: 0n,
      arrears: 12n,
    });
    expect(balanceAt({ wallet, pooled: [], later: [] })).toEqual({
      walletId: 'w',
      points: 90n,
      pooled: 0n,
      arrears: 0n,
    });
  });

  test('is told apart from what is no month', () => {
    expect(['2026-03', '2026-12', '2026-13', '2026-00', '2026-3', '2026-03-01', ''].map(isPeriod)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a proof of a balance', () => {
  test('holds for every balance in trees of any size, in Node and in a browser alike', async () => {
    for (const count of [1, 2, 3, 5, 8, 13]) {
      const counted = countedBalances(many(count));
      await counted.build();
      for (let i = 0; i < count; i++) {
        const proof = await answeredBalance(counted, `wal_mem_${i}_SHARED`);
        expect(await verdictOf(proof)).toBe('GOOD');
        expect((await verifyProof(proof, null, webCrypto)).verdict).toBe('GOOD');
      }
    }
  });

  test('holds in a tree that is kept in several chunks', async () => {
    const counted = countedBalances(many(1_500));
    await counted.build();

    expect(counted.leaves.size).toBe(2);
    for (const i of [0, 1, 700, 1_023, 1_024, 1_499])
      expect(await verdictOf(await answeredBalance(counted, `wal_mem_${i}_SHARED`))).toBe('GOOD');
  }, 60_000);

  test('says what it shows, step by step, and what it does not', async () => {
    const counted = countedBalances([
      balance('wal_mem_a_SHARED', 100n),
      balance('wal_mem_b_SHARED', 50n, 7n),
    ]);
    await counted.build();

    const proof = { data: { liabilityProof: await answeredBalance(counted, 'wal_mem_b_SHARED') } };
    const report = await verifyProof(proof, counted.signer.publicKeys, nodeCrypto);

    expect(report).toEqual({
      verdict: 'GOOD',
      title: 'A balance in the signed total',
      steps: [
        { ok: true, text: 'Balance and total are both of SHARED, 2026-03' },
        { ok: true, text: 'The balance of 50 points is counted in the signed total of 150' },
        { ok: true, text: '150 points that members hold, less 7 that members owe, are the 143 outstanding' },
        { ok: true, text: 'The signature of the signed total holds' },
      ],
      warnings: [
        expect.stringContaining('It is the balance of the wallet wal_mem_b_SHARED. See that this is yours'),
        expect.stringContaining("That nobody else's was left out shows only as other members check"),
      ],
      facts: [
        ['walletId', 'wal_mem_b_SHARED'],
        ['programme', 'SHARED'],
        ['period', '2026-03'],
        ['points', '50'],
        ['pooled', '0'],
        ['arrears', '7'],
        ['countedAt', '2026-04-01T00:00:00.000Z'],
        ['totalHash', counted.totals()[0]!.hash],
      ],
    });
  });

  test('of the wallet that the reader named is so, and of another does not hold', async () => {
    const counted = countedBalances([balance('wal_mem_a_SHARED', 50n), balance('wal_mem_b_SHARED', 50n)]);
    await counted.build();
    const proof = await answeredBalance(counted, 'wal_mem_a_SHARED');
    const { publicKeys } = counted.signer;

    const own = await verifyProof(proof, publicKeys, nodeCrypto, 'wal_mem_a_SHARED');
    const others = await verifyProof(proof, publicKeys, nodeCrypto, 'wal_mem_b_SHARED');

    expect([own.verdict, own.steps[0]]).toEqual([
      'GOOD',
      { ok: true, text: 'It is the balance of the wallet wal_mem_a_SHARED' },
    ]);
    expect(own.warnings).toEqual([expect.stringContaining("That nobody else's was left out")]);
    expect([others.verdict, others.steps[0]]).toEqual([
      'BAD',
      { ok: false, text: 'It is the balance of another wallet, wal_mem_a_SHARED' },
    ]);
  });

  test('is not there yet, or not for a wallet that came later', async () => {
    const counted = countedBalances([balance('a', 1n)], '2026-03-31T12:00:00Z');

    expect(await counted.prove('a')).toEqual({
      kind: 'NotSealedYet',
      availableFrom: new Date('2026-04-01T01:00:00Z'),
    });
    expect(await counted.prove('a', '2026-02')).toEqual({
      kind: 'NotCounted',
      programme: 'SHARED',
      period: '2026-02',
    });
    counted.clock.at = new Date('2026-04-01T01:00:07Z');
    expect(await counted.prove('a', '2026-03')).toEqual({
      kind: 'NotSealedYet',
      availableFrom: new Date('2026-04-01T01:00:07Z'),
    });
    counted.clock.at = new Date('2026-04-01T01:00:00Z');
    await counted.build();
    expect(await counted.prove('later')).toEqual({
      kind: 'NotCounted',
      programme: 'SHARED',
      period: '2026-03',
    });
    expect(await counted.prove('a', '2026-02')).toEqual({
      kind: 'NotCounted',
      programme: 'SHARED',
      period: '2026-02',
    });
    expect((await counted.prove('a', '2026-04')).kind).toBe('NotSealedYet');
  });
});

describe('a forged proof of a balance', () => {
  test('fails with any one character changed, anywhere in it', async () => {
    const counted = countedBalances(many(6));
    await counted.build();
    const proof = await answeredBalance(counted, 'wal_mem_4_SHARED');
    const all = provingPlaces(proof);

    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(), async (which, where) => {
        expect(await verdictOf(withChange(proof, all[which]!, (old) => spoil(old, where)))).toBe('BAD');
      }),
      { numRuns: 400 },
    );
  });

  test('fails with a negative, fractional, padded or too large sum beside its path', async () => {
    const counted = countedBalances(many(4));
    await counted.build();
    const proof = await answeredBalance(counted, 'wal_mem_1_SHARED');

    for (const points of [
      '-10',
      '1.5',
      '007',
      '+1',
      '1e3',
      '',
      ' 1',
      String(2n ** 63n),
      '9'.repeat(30),
      5,
      null,
    ])
      expect(
        await verdictOf({ ...proof, path: [{ ...proof.path[0]!, points }, ...proof.path.slice(1)] }),
      ).toBe('BAD');
  });

  test.each([
    [-1n, 'BAD'],
    [0n, 'GOOD'],
    [50n, 'GOOD'],
    [51n, 'BAD'],
    [null, 'GOOD'],
  ])(
    'of a balance of 50 of which %p are said to be in pools, and that was signed, is %s',
    async (pooled, verdict) => {
      const counted = countedBalances([
        { ...balance('wal_mem_a_SHARED', 50n), pooled },
        balance('wal_mem_b_SHARED', 7n),
      ]);
      await counted.build();

      expect(await verdictOf(await answeredBalance(counted, 'wal_mem_a_SHARED'))).toBe(verdict);
    },
  );

  test('fails where two sums beside the path are shifted against each other', async () => {
    const counted = countedBalances(many(4));
    await counted.build();
    const proof = await answeredBalance(counted, 'wal_mem_1_SHARED');
    const [low, high] = proof.path.map(({ points }) => BigInt(points)) as [bigint, bigint];
    const path = [
      { ...proof.path[0]!, points: String(low + 1n) },
      { ...proof.path[1]!, points: String(high - 1n) },
    ];

    expect(await verdictOf({ ...proof, path })).toBe('BAD');
  });

  test('fails where the operator signs a total that is less than the sum', async () => {
    const counted = countedBalances(many(4));
    await counted.build();
    const proof = await answeredBalance(counted, 'wal_mem_1_SHARED');
    const content = proof.liabilities.content.replace(/"points":"60"/, '"points":"50"');
    expect(content).not.toBe(proof.liabilities.content);

    const signature = await counted.signer.sign(JSON.parse(content));
    const report = await verifyProof({ ...proof, liabilities: { content, signature } }, null, nodeCrypto);

    expect(report.verdict).toBe('BAD');
    expect(report.steps[1]).toEqual({
      ok: false,
      text: 'The path adds up to 60 points, but the signed total is 50',
    });
    expect(report.steps[2]!.ok).toBe(false);
  });

  test('fails with the key of somebody else pinned', async () => {
    const counted = countedBalances(many(4));
    await counted.build();
    const trusted = createSigner(makeSigningKey()).publicKeys;

    const report = await verifyProof(await answeredBalance(counted, 'wal_mem_1_SHARED'), trusted, nodeCrypto);

    expect(report.verdict).toBe('BAD');
  });
});

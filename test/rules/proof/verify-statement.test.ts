import { describe, expect, test } from '@jest/globals';
import { parseMonth } from '../../../subgraphs/accounts/ledger/month.ts';
import { recordText } from '../../../subgraphs/accounts/statement/record.ts';
import type { ProgrammeStatement } from '../../../subgraphs/accounts/statement/statement.ts';
import { canonicalJson, sha256 } from '../../../subgraphs/shared/idempotency.ts';
import { createSigner } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import { canonicalJson as canonicalAnew } from '../../../tools/verify/canonical-json.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { webCrypto } from '../../../tools/verify/web-crypto.ts';
import { fc } from '../../support/properties.ts';
import { provingPlaces, spoil, withChange } from './places.ts';

const signer = createSigner(makeSigningKey());
const keys = signer.publicKeys;

const programme = (more: Partial<ProgrammeStatement> = {}): ProgrammeStatement => ({
  programme: 'SHARED',
  opening: 100n,
  earned: [
    { merchantId: 'mer_1', points: 1_000n, postings: 2 },
    { merchantId: 'mer_2', points: 50n, postings: 1 },
  ],
  returned: [],
  spent: [{ merchantId: 'mer_1', points: -300n, postings: 1 }],
  refunded: [],
  giftsReceived: 0n,
  giftsGiven: -5n,
  donated: [{ causeId: 'cau_1', name: 'Cats', points: -20n, postings: 1, goods: [] }],
  contributed: 0n,
  takenBack: 0n,
  expired: -25n,
  restored: 0n,
  deducted: 0n,
  restituted: 0n,
  other: 0n,
  closing: 800n,
  available: 700n,
  pending: 90n,
  held: 20n,
  arrears: 10n,
  unlocked: 40n,
  nextExpiries: [{ at: new Date('2026-05-01T00:00:00Z'), points: 7n }],
  pooled: null,
  ...more,
});

const pooled: ProgrammeStatement['pooled'] = {
  opening: 200n,
  contributed: 60n,
  takenBack: -10n,
  spent: [{ merchantId: 'mer_1', points: -40n, postings: 1 }],
  refunded: [{ merchantId: 'mer_1', points: 10n, postings: 1 }],
  expired: -2n,
  other: 0n,
  closing: 218n,
  available: 200n,
  held: 18n,
  nextExpiries: [],
};

/** A statement as it is downloaded, signed as it stands. */
async function downloaded(programmes: readonly ProgrammeStatement[] = [programme()], more: object = {}) {
  const made = { memberId: 'mem_1', month: parseMonth('2026-03')!, programmes };
  const text = recordText(made, () => 'Café “积分” \u0007\n');
  const statement = { ...(JSON.parse(text) as Record<string, unknown>), ...more };
  return {
    hash: sha256(canonicalJson(statement)),
    signature: await signer.sign(statement),
    statement,
  };
}

const verdictOf = async (file: unknown) => (await verifyProof(file, keys, nodeCrypto)).verdict;

describe('a statement', () => {
  test('holds with the keys that the reader trusts, in Node and in a browser alike, and says why, step by step', async () => {
    const second = programme({ programme: 'OWN', opening: 0n, closing: 700n, available: 600n });

    const report = await verifyProof(await downloaded([programme(), second]), keys, nodeCrypto);

    expect(report).toEqual({
      verdict: 'GOOD',
      title: 'A signed statement of a month',
      steps: [
        { ok: true, text: 'The statement has the hash that stands beside it' },
        {
          ok: true,
          text: 'SHARED adds up: 100 points at the beginning and 700 in the month are the 800 at the end',
        },
        {
          ok: true,
          text: 'OWN adds up: 0 points at the beginning and 700 in the month are the 700 at the end',
        },
        { ok: true, text: 'The signature of the statement holds' },
      ],
      warnings: [],
      facts: [
        ['memberId', 'mem_1'],
        ['month', '2026-03'],
        ['programme', 'SHARED: 100 → 800'],
        ['programme', 'OWN: 0 → 700'],
      ],
    });
    expect((await verifyProof(await downloaded(), keys, webCrypto)).verdict).toBe('GOOD');
  });

  test('says of points in pools too that they add up, and that what went there or came back is the same on both sides', async () => {
    const own = programme({ contributed: -60n, takenBack: 10n, closing: 750n, available: 650n });

    const report = await verifyProof(await downloaded([{ ...own, pooled }]), keys, nodeCrypto);

    expect(report.verdict).toBe('GOOD');
    expect(report.steps.slice(1, 4)).toEqual([
      {
        ok: true,
        text: 'SHARED adds up: 100 points at the beginning and 650 in the month are the 750 at the end',
      },
      {
        ok: true,
        text: 'SHARED in pools adds up: 200 points at the beginning and 18 in the month are the 218 at the end',
      },
      { ok: true, text: 'What went between the wallet and pools in SHARED is the same on both sides' },
    ]);
    expect(report.facts).toContainEqual(['inPools', 'SHARED: 200 → 218']);
  });

  test('of before statements told of pools holds as it was', async () => {
    expect(await verdictOf(await downloaded([programme()], { version: 1 }))).toBe('GOOD');
  });

  test('of a month in which nothing was there holds too', async () => {
    expect(await verdictOf(await downloaded([]))).toBe('GOOD');
  });

  test('holds however its file was laid out since', async () => {
    const { hash, signature, statement } = await downloaded();
    const turned = Object.fromEntries(Object.entries(statement).reverse());

    expect(await verdictOf(JSON.parse(JSON.stringify({ statement: turned, signature, hash }, null, 2)))).toBe(
      'GOOD',
    );
  });

  test('without keys is not called good: it brings none, and that is said', async () => {
    const file = await downloaded();

    const report = await verifyProof(file, null, nodeCrypto);

    expect(report.verdict).toBe('KEYLESS');
    expect(report.steps.map(({ ok }) => ok)).toEqual([true, true, null]);
    expect(report.steps[2]!.text).toBe(
      `What is signed could not be verified: no public keys are in the file, and none was given; the statement names the key ${signer.keyId}`,
    );
    expect(report.warnings).toEqual([
      expect.stringContaining('The file brings no public keys, as no statement does'),
    ]);
    expect((await verifyProof({ ...file, signingKeys: keys }, null, nodeCrypto)).verdict).toBe('KEYLESS');
  });

  test('is not called good where signatures cannot be verified', async () => {
    const old = { ...nodeCrypto, verifyEd25519: async () => null };

    expect((await verifyProof(await downloaded(), keys, old)).verdict).toBe('UNSIGNED');
  });

  test('with a line that is newer than the verifier adds up with it', async () => {
    const [one] = (await downloaded([programme({ closing: 803n, available: 703n })])).statement[
      'programmes'
    ] as [object];

    expect(await verdictOf(await downloaded([], { programmes: [{ ...one, rounded: '3' }] }))).toBe('GOOD');
  });

  test('of a month that was not over is nothing that can be verified', async () => {
    const { statement } = await downloaded();

    const report = await verifyProof({ statement }, keys, nodeCrypto);

    expect(report.verdict).toBe('NOTHING');
    expect(report.steps[0]!.text).toContain('this statement is not signed');
  });
});

describe('a forged statement', () => {
  test('fails with any one character changed, anywhere in it', async () => {
    const file = await downloaded();
    const all = provingPlaces(file);

    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(), async (which, where) => {
        const forged = withChange(file, all[which]!, (old) => spoil(old, where));
        expect(await verdictOf(forged)).toBe('BAD');
        expect(['BAD', 'KEYLESS']).toContain((await verifyProof(forged, null, nodeCrypto)).verdict);
      }),
      { numRuns: 400 },
    );
  });

  test('fails with its hash made anew, for its signature is another', async () => {
    const { signature, statement } = await downloaded();
    const forged = { ...statement, memberId: 'mem_2' };

    const report = await verifyProof(
      { hash: sha256(canonicalJson(forged)), signature, statement: forged },
      keys,
      nodeCrypto,
    );

    expect(report.verdict).toBe('BAD');
    expect(report.steps.map(({ ok }) => ok)).toEqual([true, true, false]);
  });

  test.each([
    ['hash', 'signature'],
    ['signature', 'hash'],
  ] as const)('fails without its %s', async (_, kept) => {
    const file = await downloaded();

    const report = await verifyProof({ statement: file.statement, [kept]: file[kept] }, keys, nodeCrypto);

    expect([report.verdict, report.title]).toEqual(['BAD', 'Not a statement']);
  });

  test('fails with the key of somebody else', async () => {
    const { publicKeys } = createSigner(makeSigningKey());

    const report = await verifyProof(await downloaded(), publicKeys, nodeCrypto);

    expect(report.verdict).toBe('BAD');
    expect(report.steps.at(-1)!.text).toContain('nobody here knows its key');
  });

  test.each([
    ['a closing that does not follow', { closing: 801n }],
    ['parts that are not the closing', { held: 21n }],
  ])('fails with %s, though it was signed', async (_, wrong) => {
    const report = await verifyProof(await downloaded([programme(wrong)]), keys, nodeCrypto);

    expect(report.verdict).toBe('BAD');
    expect(report.steps.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(report.steps[1]!.text).toContain('SHARED does not add up');
  });

  test.each([
    ['points in pools that do not lead to their closing', { closing: 219n }, 'in pools does not add up'],
    ['parts that are not the closing', { held: 17n }, 'its parts are 217'],
    ['more in the pool than left the wallet', { contributed: 61n, other: -1n }, 'both sides: contributed'],
    ['less out of the pool than came back', { takenBack: -9n, other: -1n }, 'both sides: takenBack'],
  ])('fails with %s, though it was signed', async (_, wrong, why) => {
    const own = programme({ contributed: -60n, takenBack: 10n, closing: 750n, available: 650n });

    const report = await verifyProof(
      await downloaded([{ ...own, pooled: { ...pooled, ...wrong } }]),
      keys,
      nodeCrypto,
    );

    expect(report.verdict).toBe('BAD');
    expect(report.steps.find(({ ok }) => ok === false)!.text).toContain(why);
  });

  test('fails where points went into a pool and nothing is said of it, though it was signed', async () => {
    const silent = [programme({ contributed: -60n, closing: 740n, available: 640n })];

    const report = await verifyProof(await downloaded(silent), keys, nodeCrypto);

    expect(report.verdict).toBe('BAD');
    expect(report.steps.map(({ ok }) => ok)).toEqual([true, true, false, true]);
    expect(report.steps[2]!.text).toContain('both sides: contributed');
    expect(await verdictOf(await downloaded(silent, { version: 1 }))).toBe('GOOD');
  });

  test.each([
    ['of another type', { type: 'jifen-ledger-seal' }, 'what was signed is no statement'],
    ['of a later version', { version: 3 }, 'it is of version 3'],
  ])('fails where the record is %s', async (_, more, why) => {
    const report = await verifyProof(await downloaded([], more), keys, nodeCrypto);

    expect(report.verdict).toBe('BAD');
    expect(report.steps[0]!.text).toContain(why);
  });

  test('fails where it is nested without end', async () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown;
    const file = await downloaded();

    expect(await verdictOf({ ...file, statement: { ...file.statement, deep } })).toBe('BAD');
  });
});

test('canonical JSON, written anew, is what is signed', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // What is signed has no null and no half of a surrogate pair.
      const signed = JSON.parse(canonicalJson(value)) as unknown;
      expect(canonicalAnew(signed)).toBe(canonicalJson(signed));
    }),
  );
});

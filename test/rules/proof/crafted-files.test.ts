import { describe, expect, test } from '@jest/globals';
import { canonicalJson } from '../../../subgraphs/shared/idempotency.ts';
import { canonicalJson as canonicalAnew } from '../../../tools/verify/canonical-json.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { readKeys } from '../../../tools/verify/proof-file.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { fc } from '../../support/properties.ts';
import { answeredBalance, balance, countedBalances } from './counted-balances.ts';
import { provingPlaces, withChange } from './places.ts';
import { answered, posting, sealedJournal } from './sealed-journal.ts';

/** What a parsed file may hold and nobody may make a text of. */
const unprintable = { toString: null, valueOf: null };

/** A value inside so many lists, or fields of that name. */
function nested(depth: number, name?: string): unknown {
  let value: unknown = [];
  for (let i = 0; i < depth; i++) value = name === undefined ? [value] : { [name]: value };
  return value;
}

const crafted = [
  unprintable,
  [unprintable],
  nested(20_000),
  nested(20_000, 'signingKeys'),
  nested(20_000, 'data'),
  JSON.parse('{"__proto__":null,"x":{}}'),
  null,
];

async function ledgerProof() {
  const one = posting({ id: 'pos_1' });
  const journal = sealedJournal([one, posting({ id: 'pos_2' })], '2026-03-04T01:00:00Z');
  await journal.seal();
  return answered(journal, one);
}

async function liabilityProof() {
  const counted = countedBalances([balance('wal_mem_1_SHARED', 10n), balance('wal_mem_2_SHARED', 20n)]);
  await counted.build();
  return answeredBalance(counted, 'wal_mem_1_SHARED');
}

const statement = {
  hash: 'a'.repeat(64),
  signature: { algorithm: 'EdDSA', keyId: 'k', signature: 's' },
  statement: {
    type: 'jifen-statement',
    version: 2,
    memberId: 'mem_1',
    month: '2026-03',
    programmes: [{ programme: 'SHARED', opening: '0', closing: '0', earned: [{ points: '0' }] }],
  },
};

test.each([
  ['a posting', ledgerProof],
  ['a balance', liabilityProof],
  ['a statement', async () => statement],
])(
  'a proof of %s with something crafted anywhere in it does not hold, and nothing is thrown',
  async (_, make) => {
    const proof = await make();
    const all = provingPlaces(proof).flatMap((place) => place.map((_, i) => place.slice(0, i + 1)));

    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.constantFrom(...crafted), async (which, value) => {
        const { verdict, title } = await verifyProof(
          withChange(proof, all[which]!, () => value),
          null,
          nodeCrypto,
        );

        // Without keys nothing is said against it.
        const keyless = value === null && all[which]!.join('.') === 'signingKeys';
        expect(verdict).toMatch(keyless ? /^KEYLESS$/ : /^(BAD|NOTHING)$/);
        expect(title).not.toBe('It could not be verified');
      }),
      { numRuns: 300 },
    );
  },
);

describe('a crafted proof', () => {
  test.each(['id', 'kind', 'at', 'reason'])('of a posting whose %s is no text shows so', async (name) => {
    const proof = await ledgerProof();
    const leaf = canonicalAnew({ ...JSON.parse(proof.leaf), [name]: unprintable });

    const { verdict, facts } = await verifyProof({ ...proof, leaf }, null, nodeCrypto);

    expect(verdict).toBe('BAD');
    expect(new Map(facts).get(name)).toBe('an object');
  });

  test('fails where an object beside the signed text says something else', async () => {
    const counted = countedBalances([balance('wal_mem_1_SHARED', 10n), balance('wal_mem_2_SHARED', 20n)]);
    await counted.build();
    const proof = await answeredBalance(counted, 'wal_mem_1_SHARED');
    const says = { ...JSON.parse(proof.liabilities.content), by: { name: 'ann' } };
    const [content, signature] = [canonicalJson(says), await counted.signer.sign(says)];
    const verdictWith = async (by: unknown) =>
      (await verifyProof({ ...proof, liabilities: { content, signature, by } }, null, nodeCrypto)).verdict;

    expect([await verdictWith({ name: 'ann' }), await verdictWith({ name: 'bo' })]).toEqual(['GOOD', 'BAD']);
  });

  test('that nobody foresaw is one in which nothing was verified', async () => {
    const broken = {
      ...nodeCrypto,
      sha256: async () => {
        throw new RangeError('too much');
      },
    };

    const report = await verifyProof(await ledgerProof(), null, broken);

    expect(report).toMatchObject({
      verdict: 'NOTHING',
      title: 'It could not be verified',
      steps: [{ ok: null, text: 'Something went wrong: too much' }],
    });
  });
});

test.each(['data', 'keys', 'signingKeys'])('keys nested in %s without end are none', (name) => {
  expect(() => readKeys(nested(20_000, name))).toThrow('the public keys are nested too deeply');
});

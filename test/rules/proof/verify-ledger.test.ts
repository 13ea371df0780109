import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSigner } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { webCrypto } from '../../../tools/verify/web-crypto.ts';
import { provingPlaces, spoil, withChange } from './places.ts';
import { answered, posting, sealedJournal } from './sealed-journal.ts';

const verdictOf = async (file: unknown) => (await verifyProof(file, null, nodeCrypto)).verdict;

/** So many postings of a day, and two more on the days after. */
async function journalOf(count: number) {
  const postings = Array.from({ length: count }, (_, i) =>
    posting({ id: `pos_${i}`, points: BigInt(i + 1) }),
  );
  const later = ['2026-03-02', '2026-03-03'].map((day) =>
    posting({ id: `pos_${day}`, recordedAt: new Date(`${day}T10:00:00Z`) }),
  );
  const journal = sealedJournal([...postings, ...later], '2026-03-04T01:00:00Z');
  await journal.seal();
  return { journal, postings };
}

describe('a proof of a posting', () => {
  test('holds for every posting of a day of any size, in Node and in a browser alike', async () => {
    for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 17]) {
      const { journal, postings } = await journalOf(count);
      for (const wanted of postings) {
        const proof = await answered(journal, wanted);
        expect(await verdictOf(proof)).toBe('GOOD');
        expect((await verifyProof(proof, null, webCrypto)).verdict).toBe('GOOD');
      }
    }
  });

  test('holds for a day whose leaves are kept in several chunks', async () => {
    const { journal, postings } = await journalOf(2_500);

    expect(journal.leaves.size).toBe(5);
    for (const i of [0, 1_023, 1_024, 2_047, 2_048, 2_499]) {
      const wanted = [...postings].sort((a, b) => (a.id < b.id ? -1 : 1))[i]!;
      const proof = await answered(journal, wanted);
      expect(proof.index).toBe(i);
      expect(await verdictOf(proof)).toBe('GOOD');
    }
  }, 60_000);

  test('says what it shows, step by step', async () => {
    const { journal, postings } = await journalOf(3);
    const report = await verifyProof(
      { data: { ledgerProof: await answered(journal, postings[1]!) } },
      journal.signer.publicKeys,
      nodeCrypto,
    );

    expect(report).toEqual({
      verdict: 'GOOD',
      title: 'A posting in the sealed journal',
      steps: [
        { ok: true, text: 'The posting is number 2 of the 3 that the seal of 2026-03-01 counts' },
        {
          ok: true,
          text: 'The posting says that it was recorded on 2026-03-01, and the seal is of 2026-03-01',
        },
        { ok: true, text: 'What is shown of its provenance is what was sealed' },
        { ok: true, text: 'What is shown of its money is what was sealed' },
        { ok: true, text: '3 seals follow each other without a gap, up to that of 2026-03-03' },
        { ok: true, text: 'The signatures of all 3 seals hold' },
      ],
      warnings: [expect.stringContaining('only as others find the same hash for the seal of that day')],
      facts: [
        ['id', 'pos_1'],
        ['kind', 'EARN'],
        ['programme', 'SHARED'],
        ['points', '2'],
        ['at', '2026-03-01T10:00:00.000Z'],
        ['recordedAt', '2026-03-01T10:00:00.000Z'],
        ['newestSeal', journal.seals().at(-1)!.hash],
      ],
    });
  });

  test('ends at the day it was asked to end at', async () => {
    const { journal, postings } = await journalOf(2);

    const proofs = await Promise.all(
      ['2026-03-01', '2026-03-02', null].map((until) => journal.prove(postings[0]!, until)),
    );

    expect(proofs.map((proof) => proof.kind === 'LedgerProof' && proof.chain.map(({ day }) => day))).toEqual([
      [],
      ['2026-03-02'],
      ['2026-03-02', '2026-03-03'],
    ]);
  });
});

describe('a forged proof of a posting', () => {
  test('fails with any one character changed, anywhere in it', async () => {
    const { journal, postings } = await journalOf(5);
    const proof = await answered(journal, postings[2]!);
    const all = provingPlaces(proof);

    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(), async (which, where) => {
        const forged = withChange(proof, all[which]!, (old) => spoil(old, where));
        expect(await verdictOf(forged)).toBe('BAD');
      }),
      { numRuns: 400 },
    );
  });

  test('fails with another index, a swapped, missing or added hash of the path', async () => {
    const { journal, postings } = await journalOf(6);

    for (const wanted of postings) {
      const proof = await answered(journal, wanted);
      const { index, path } = proof;
      for (let other = 0; other < 8; other++)
        if (other !== index) expect(await verdictOf({ ...proof, index: other })).toBe('BAD');
      for (const forged of [[...path].reverse(), path.slice(1), path.slice(0, -1), [...path, path[0]!], []])
        expect(await verdictOf({ ...proof, path: forged })).toBe('BAD');
    }
  });

  test('fails with the leaf of another posting, or an inner node as a leaf', async () => {
    const { journal, postings } = await journalOf(4);
    const [one, two] = [await answered(journal, postings[0]!), await answered(journal, postings[1]!)];

    expect(await verdictOf({ ...one, leaf: two.leaf })).toBe('BAD');
    expect(await verdictOf({ ...one, leaf: one.path[0]!, path: one.path.slice(1) })).toBe('BAD');
  });

  test('fails with a seal left out of the chain, put in twice, or of another chain', async () => {
    const { journal, postings } = await journalOf(2);
    const proof = await answered(journal, postings[0]!);
    const [second, third] = proof.chain;
    const foreign = await answered((await journalOf(3)).journal, posting({ id: 'pos_0', points: 1n }));

    for (const chain of [[third], [third, second], [second, second], [second, foreign.chain[1]]])
      expect(await verdictOf({ ...proof, chain })).toBe('BAD');
  });

  test('fails where what stands beside the signed text says something else', async () => {
    const { journal, postings } = await journalOf(2);
    const proof = await answered(journal, postings[0]!);

    const report = await verifyProof({ ...proof, seal: { ...proof.seal, count: 3 } }, null, nodeCrypto);

    expect(report.verdict).toBe('BAD');
    expect(report.steps[0]!.text).toContain('`count` of the seal is 3, but what was signed says 2');
  });

  test('signed by somebody else holds only with the keys that it brings, and says so', async () => {
    const { journal, postings } = await journalOf(2);
    const proof = await answered(journal, postings[0]!);
    const trusted = createSigner(makeSigningKey()).publicKeys;

    const unpinned = await verifyProof(proof, null, nodeCrypto);
    const pinned = await verifyProof(proof, trusted, nodeCrypto);

    expect([unpinned.verdict, unpinned.warnings.length]).toEqual(['GOOD', 2]);
    expect(unpinned.warnings[0]).toContain('come from the proof itself');
    expect(pinned.verdict).toBe('BAD');
    expect(pinned.steps.at(-1)!.text).toContain('nobody here knows its key');
    expect(pinned.warnings).toHaveLength(1);
  });

  test('does not hold as the balance of a wallet', async () => {
    const { journal, postings } = await journalOf(2);

    const report = await verifyProof(
      await answered(journal, postings[0]!),
      null,
      nodeCrypto,
      'wal_mem_a_SHARED',
    );

    expect([report.verdict, report.steps[0]]).toEqual([
      'BAD',
      { ok: false, text: 'Only a balance is of one wallet, and this is none' },
    ]);
  });

  test('is not called good where signatures cannot be verified', async () => {
    const { journal, postings } = await journalOf(2);
    const old = { ...nodeCrypto, verifyEd25519: async () => null };

    const report = await verifyProof(await answered(journal, postings[0]!), null, old);

    expect(report.verdict).toBe('UNSIGNED');
    expect(report.steps.at(-1)!.ok).toBeNull();
  });

  test.each([
    ['half of it', { leaf: '{"type":"jifen-posting"}', seal: {} }],
    ['a part of it', { leaf: '{"type":"jifen-posting"}' }],
    ['a leaf that is no JSON', { leaf: '{', seal: {} }],
  ])('fails with %s', async (_, file) => {
    const report = await verifyProof(file, null, nodeCrypto);

    expect([report.verdict, report.title]).toEqual(['BAD', 'Not a proof']);
  });

  test.each([
    ['nothing', null],
    ['a text', 'x'],
    ['a list', []],
    ['an answer without a proof', { data: { viewer: { kind: 'PUBLIC' } } }],
    ['a refusal', { data: { ledgerProof: { code: 'NOT_SEALED_YET', message: 'It will be.' } } }],
    ['something else altogether', { name: 'jifen', version: '0.1.0' }],
  ])('is told apart from %s, in which nothing can be verified', async (_, file) => {
    const report = await verifyProof(file, null, nodeCrypto);

    expect([report.verdict, report.title]).toEqual(['NOTHING', 'Nothing that can be verified here']);
    expect(report.steps.map(({ ok }) => ok)).toEqual([null]);
  });
});

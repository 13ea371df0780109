import { describe, expect, test } from '@jest/globals';
import { canonicalJson, sha256 } from '../../../subgraphs/shared/idempotency.ts';
import { createSigner } from '../../../subgraphs/shared/signing/signer.ts';
import { makeSigningKey } from '../../../subgraphs/shared/signing/signing-key.ts';
import { printable } from '../../../tools/printable.ts';
import type { Report } from '../../../tools/verify/checks.ts';
import { nodeCrypto } from '../../../tools/verify/node-crypto.ts';
import { readKeys } from '../../../tools/verify/proof-file.ts';
import { mostCharacters, readJson } from '../../../tools/verify/read-json.ts';
import { verifyProof } from '../../../tools/verify/verify-proof.ts';
import { fc } from '../../support/properties.ts';
import { answeredBalance, balance, countedBalances } from './counted-balances.ts';
import { answered, posting, sealedJournal } from './sealed-journal.ts';

// What could be read in two ways, or read as another thing than what was verified, holds for nobody, signed or not.

const wrong = ({ steps }: Report): string => steps.find(({ ok }) => ok !== true)!.text;

/** A sealed posting's proof, and the keys that it is good with. */
async function ledger(more: Partial<Parameters<typeof posting>[0]> = {}) {
  const one = posting({ id: 'pos_1', ...more });
  const journal = sealedJournal([one, posting({ id: 'pos_2' })], '2026-03-04T01:00:00Z');
  await journal.seal();
  return { journal, proof: await answered(journal, one), keys: journal.signer.publicKeys };
}

async function liability() {
  const counted = countedBalances([balance('wal_mem_1_SHARED', 10n, 3n), balance('wal_mem_2_SHARED', 20n)]);
  await counted.build();
  const proof = await answeredBalance(counted, 'wal_mem_1_SHARED');
  return { counted, proof, keys: counted.signer.publicKeys };
}

const figures = {
  opening: '0',
  other: '5',
  closing: '5',
  available: '5',
  pending: '0',
  held: '0',
  arrears: '0',
};

/** A statement that was signed as it stands. */
async function statement(more: object = {}, programmes: readonly object[] = [{}]) {
  const signer = createSigner(makeSigningKey());
  const says = {
    ...{ type: 'jifen-statement', version: 1, memberId: 'mem_1', month: '2026-03' },
    programmes: programmes.map((one) => ({ programme: 'SHARED', ...figures, ...one })),
    ...more,
  };
  const file = { hash: sha256(canonicalJson(says)), signature: await signer.sign(says), statement: says };
  return { file, keys: signer.publicKeys, report: await verifyProof(file, signer.publicKeys, nodeCrypto) };
}

describe('a file with several things in it', () => {
  test('is nothing that can be verified, whichever of them is good', async () => {
    const { proof, keys } = await ledger();
    const { proof: other } = await liability();
    const { file } = await statement();
    const forged = { ...proof, leaf: proof.leaf.replace('"points":"5"', '"points":"5000"') };

    for (const several of [
      { data: { a: proof, b: forged } },
      { data: { a: proof }, b: forged },
      { ...proof, data: forged },
      { ...file, appendix: proof },
      { ...proof, ...file },
      { ...proof, liabilities: other.liabilities },
    ]) {
      const report = await verifyProof(several, keys, nodeCrypto);
      expect(report.verdict).toBe('NOTHING');
      expect(wrong(report)).toContain('more than one thing that could be verified is in it');
    }
    expect((await verifyProof({ data: { a: proof } }, keys, nodeCrypto)).verdict).toBe('GOOD');
  });

  test('or with something beside what was verified says so', async () => {
    const { proof, keys } = await liability();

    const { verdict, warnings } = await verifyProof({ ...proof, points: '9999' }, keys, nodeCrypto);

    expect([verdict, warnings.at(-1)]).toEqual([
      'GOOD',
      'Beside it in the file stands what was not verified and proves nothing: points.',
    ]);
  });
});

describe('an opening', () => {
  const crafted =
    '{"part":"provenance","salt":"00","value":{"memberIds":["mem_innocent"]},"part":"externalRef"}';

  test('of what a merchant wrote into its posting does not hold', async () => {
    const honest = canonicalJson({ part: 'externalRef', salt: '00', value: { memberIds: ['mem_innocent'] } });
    for (const opening of [crafted, honest]) {
      const { proof, keys } = await ledger({ externalRef: sha256(opening) });
      expect((await verifyProof({ ...proof, openings: [opening] }, keys, nodeCrypto)).verdict).toBe('BAD');
    }
  });

  test('of one part does not hold twice', async () => {
    const { proof, keys } = await ledger();
    const [one] = proof.openings;

    expect((await verifyProof({ ...proof, openings: [one] }, keys, nodeCrypto)).verdict).toBe('GOOD');
    expect((await verifyProof({ ...proof, openings: [one, one] }, keys, nodeCrypto)).verdict).toBe('BAD');
  });
});

describe('a text that was hashed and is not canonical JSON', () => {
  const twice = (text: string, name: string, value: string) =>
    text.replace(`"${name}":`, `"${name}":${value},"${name}":`);

  test.each([
    ['a name twice', (text: string) => twice(text, 'points', '"90"')],
    ['a space', (text: string) => text.replace(':', ': ')],
    [
      'names in another order',
      (text: string) =>
        JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).reverse())),
    ],
  ])('does not hold with %s, whoever signed it', async (_, change) => {
    const { proof, keys } = await liability();
    const { content, signature } = proof.liabilities;
    const liabilities = { content: change(content), signature };

    expect(liabilities.content).not.toBe(content);
    const report = await verifyProof({ ...proof, liabilities }, keys, nodeCrypto);
    expect(report.verdict).toBe('BAD');
    expect(wrong(report)).toContain('the content of the signed total is not canonical JSON');
    const { proof: sealed, keys: sealers } = await ledger();
    const leaf = await verifyProof({ ...sealed, leaf: change(sealed.leaf) }, sealers, nodeCrypto);
    expect(wrong(leaf)).toContain('the leaf is not canonical JSON');
  });

  test('does not hold with half a character where a whole one was sealed', async () => {
    const { proof, keys } = await ledger({ externalRef: 'shop \ud83d' });
    const leaf = proof.leaf.replace('\ufffd', '\udead');

    expect(leaf).not.toBe(proof.leaf);
    expect((await verifyProof(proof, keys, nodeCrypto)).verdict).toBe('GOOD');
    expect((await verifyProof({ ...proof, leaf }, keys, nodeCrypto)).verdict).toBe('BAD');
  });
});

describe('days and instants', () => {
  /** A proof whose seal is followed by seals of these days, signed by whoever signs all of them. */
  async function sealedOn(days: readonly string[]) {
    const { journal, proof, keys } = await ledger();
    let before = proof.seal.content;
    const chain = [];
    for (const day of days) {
      const says = { ...(JSON.parse(before) as object), day, previous: sha256(before) };
      before = canonicalJson(says);
      chain.push({ content: before, signature: await journal.signer.sign(says) });
    }
    return verifyProof({ ...proof, chain }, keys, nodeCrypto);
  }

  test('of seals follow one another through every day of the calendar', async () => {
    expect((await sealedOn(['2026-03-02', '2026-03-03'])).verdict).toBe('GOOD');
    for (const days of [['2026-03-03'], ['2026-03-02', '2026-03-02'], ['2026-03-02', '2026-03-04']])
      expect(wrong(await sealedOn(days))).toContain('is not the day after');
  });

  test.each([
    '2026-02-29',
    '2026-03-02T00:00Z',
    '2 Mar 2026 UTC',
    '2026/03/02',
    '2026-3-2',
    '2026-03-02 (revised)',
    '',
  ])('a seal of %p is of no day', async (day) => {
    const report = await sealedOn([day]);
    expect([report.verdict, wrong(report)]).toEqual(['BAD', expect.stringMatching(/no day$/)]);
  });

  test.each(['2026-03-01T23:30:00-11:00', '2026-03-01', '2026-03-01, or so', '2026-03-01T10:00:00Z'])(
    'a posting recorded at %p is so at no instant in UTC',
    async (recordedAt) => {
      const { proof, keys } = await ledger();
      const leaf = canonicalJson({ ...JSON.parse(proof.leaf), recordedAt });
      expect(wrong(await verifyProof({ ...proof, leaf }, keys, nodeCrypto))).toContain('no instant in UTC');
    },
  );
});

describe('a balance', () => {
  /** A total of one balance that was signed with whatever its operator wrote into both. */
  async function told(own: object, total: object = {}) {
    const { counted, proof } = await liability();
    const leaf = canonicalJson({ ...JSON.parse(proof.leaf), ...own });
    const root = Buffer.from(await nodeCrypto.sha256(Buffer.concat([Buffer.of(0), Buffer.from(leaf)])));
    const says = {
      ...(JSON.parse(proof.liabilities.content) as object),
      ...{ leaves: 1, root: root.toString('hex'), points: '10', arrears: '3', outstanding: '7' },
      ...total,
    };
    const liabilities = { content: canonicalJson(says), signature: await counted.signer.sign(says) };
    return verifyProof(
      { ...proof, leaf, index: 0, path: [], liabilities },
      counted.signer.publicKeys,
      nodeCrypto,
    );
  }

  test('is of one wallet', async () => {
    expect((await told({})).verdict).toBe('GOOD');
    for (const walletId of [
      'wal_mem_1_SHARED wal_mem_2_SHARED',
      'wal_mem_1_mem_2_SHARED',
      'wal_mem_1\u200b_SHARED',
      'wal_mem_1_GREEN',
      'mem_1',
      '',
      null,
      ['wal_mem_1_SHARED'],
    ])
      expect(wrong(await told({ walletId }))).toMatch(/`walletId` is/);
  });

  test.each([
    ['a debt of more than all debts', { arrears: '4' }, {}, 'You are said to owe 4 points'],
    ['a debt of less than nothing', { arrears: '-3' }, {}, 'what you owe is -3'],
    [
      'a total counted at another time',
      {},
      { at: '2025-01-01T00:00:00.000Z' },
      'not counted at the end of 2026-03',
    ],
    ['a month that is none', { period: '2026-13' }, { period: '2026-13' }, 'no month'],
  ])('does not hold with %s, though it was signed', async (_, own, total, why) => {
    const report = await told(own, total);
    expect([report.verdict, wrong(report)]).toEqual(['BAD', expect.stringContaining(why)]);
  });

  test('of a month that did not count pools says that it does not', async () => {
    const { pooled: _, ...rest } = JSON.parse((await liability()).proof.leaf) as { pooled: string };
    const silent = await told({ ...rest, pooled: null });

    expect(silent.verdict).toBe('GOOD');
    expect(silent.warnings).toContain('It says nothing of points in pools of households.');
    expect((await told({})).warnings).not.toContain('It says nothing of points in pools of households.');
  });

  test('of a total beside which another programme stands does not hold', async () => {
    const { proof, keys } = await liability();
    const named = (programmeCode: string) => ({
      ...proof,
      liabilities: { ...proof.liabilities, programmeCode },
    });

    expect((await verifyProof(named('SHARED'), keys, nodeCrypto)).verdict).toBe('GOOD');
    expect((await verifyProof(named('GREEN'), keys, nodeCrypto)).verdict).toBe('BAD');
  });
});

describe('a statement that was signed', () => {
  test.each([
    ['less than nothing left', {}, [{ available: '-5', held: '10' }], '`available` is -5'],
    ['a debt of less than nothing', {}, [{ available: '0', arrears: '-5' }], '`arrears` is -5'],
    ['a programme twice', {}, [{}, {}], 'a programme stands in it twice'],
    ['a month that is none', { month: '2026-13' }, [{}], 'no month'],
    ['another beginning', { from: '1999-03-01T00:00:00.000Z' }, [{}], '`from` is 1999'],
    ['another end', { to: '2026-05-01T00:00:00.000Z' }, [{}], '`to` is 2026-05'],
    ['another zone', { timeZone: 'Mars' }, [{}], '`timeZone` is Mars'],
  ])('does not hold with %s', async (_, more, programmes, why) => {
    const { report } = await statement(more, programmes);
    expect([report.verdict, wrong(report)]).toEqual(['BAD', expect.stringContaining(why)]);
  });

  test('before statements told of pools says so where something went there', async () => {
    expect((await statement()).report.warnings).toEqual([]);
    const { report } = await statement({}, [{ other: '65', contributed: '-60' }]);

    expect(report.verdict).toBe('GOOD');
    expect(report.warnings).toEqual([expect.stringContaining('what the member has there it does not say')]);
  });
});

describe('a file', () => {
  test('in which a name stands twice in one object is not read', () => {
    const { raw } = String;
    for (const text of [
      '{"a":1,"a":1}',
      raw`{"a":1,"\u0061":2}`,
      '[{"b":{"c":1 , "d":2, "c" :3}}]',
      '{"__proto__":1,"__proto__":2}',
    ])
      expect(() => readJson(text)).toThrow('a name stands twice');
  });

  test('is read however it is laid out, with a mark of the byte order too', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(readJson(text)).toEqual(JSON.parse(text));
        expect(readJson(`\ufeff${text}`)).toEqual(JSON.parse(text));
      }),
    );
  });

  test('that is far too long is not read', () => {
    expect(() => readJson(`"${'x'.repeat(mostCharacters)}"`)).toThrow('it is too long');
  });

  test('with more seals, keys or steps than any proof has is refused at once', async () => {
    const { proof, keys } = await ledger();
    const many = <T>(one: T, count: number) => Array.from({ length: count }, () => one);
    for (const [more, why] of [
      [{ chain: many(proof.seal, 401) }, '`chain` has more than 400'],
      [{ path: many('a'.repeat(64), 65) }, '`path` has more than 64'],
    ] as const)
      expect(wrong(await verifyProof({ ...proof, ...more }, keys, nodeCrypto))).toContain(why);
    expect(
      wrong(await verifyProof({ ...proof, signingKeys: many(keys[0], 101) }, null, nodeCrypto)),
    ).toContain('more than 100 public keys');
  });

  test('says nothing that a screen would take for more than a text', async () => {
    const externalRef = 'R-1\u001b[3A\r\n\u202e\u2028VERIFIED\ud800';
    const { proof, keys } = await ledger({ externalRef });
    const { verdict, facts } = await verifyProof(proof, keys, nodeCrypto);

    expect([verdict, new Map(facts).get('externalRef')]).toEqual([
      'GOOD',
      // Half a character was sealed as one that stands for none.
      'R-1\\u{1b}[3A\\u{d}\\u{a}\\u{202e}\\u{2028}VERIFIED\ufffd',
    ]);
    expect(printable('\ud800')).toBe('\\u{d800}');
    expect(printable('积分 é 🎁')).toBe('积分 é 🎁');
    expect(printable('x'.repeat(5_000))).toBe(`${'x'.repeat(1_000)}…`);
  });
});

describe('keys', () => {
  test('that let any signature pass are none', () => {
    const x = (bytes: readonly number[]) =>
      Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => bytes[i] ?? 0)).toString('base64url');
    const last = Array.from({ length: 31 }, (_, i) => (i === 0 ? 0xec : 0xff));
    for (const bytes of [
      [],
      [1],
      [...Array.from({ length: 31 }, (_, i) => (i === 0 ? 1 : 0)), 0x80],
      [...last, 0x7f],
      [...last, 0xff],
    ])
      expect(() => readKeys([{ x: x(bytes) }])).toThrow('would let any signature pass');
  });

  test('of another kind are none', () => {
    const { x } = createSigner(makeSigningKey()).publicKeys[0]!;
    expect(readKeys([{ x }])).toEqual([{ x }]);
    for (const key of [
      { x, kty: 'EC' },
      { x, kty: 'OKP', crv: 'X25519' },
    ])
      expect(() => readKeys([key])).toThrow('is none for Ed25519');
  });

  test('in the proof itself vouch for nothing', async () => {
    const { proof } = await ledger();
    expect(() => readKeys(proof)).toThrow('its own keys do not vouch for it');
    expect(() => readKeys({ data: proof })).toThrow('its own keys do not vouch for it');
  });

  test('that a proof does not bring are asked for, and those that it does are not read where others are given', async () => {
    const { proof, keys } = await ledger();
    const { signingKeys: _, ...bare } = proof;

    for (const without of [bare, { ...bare, signingKeys: null }]) {
      expect((await verifyProof(without, null, nodeCrypto)).verdict).toBe('KEYLESS');
      expect((await verifyProof(without, keys, nodeCrypto)).verdict).toBe('GOOD');
    }
    expect((await verifyProof({ ...bare, signingKeys: 'x' }, keys, nodeCrypto)).verdict).toBe('GOOD');
  });
});

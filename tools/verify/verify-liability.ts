import {
  type Crypto,
  concat,
  hashFromHex,
  type Key,
  Malformed,
  most,
  type Step,
  show,
  toHex,
  utf8,
  type Verified,
} from './checks.ts';
import { instantIn, monthIn } from './dates.ts';
import { climb } from './merkle-path.ts';
import {
  countIn,
  type FoundProof,
  listIn,
  parseHashed,
  readSigned,
  type Signed,
  textIn,
} from './proof-file.ts';
import { hashOf, signatureStep } from './signatures.ts';

interface SumNode {
  readonly hash: Uint8Array;
  readonly points: bigint;
}

const mostPoints = 2n ** 63n - 1n;

/** A number of points from its decimal text: a whole number from 0 to 2^63 - 1, written in one way only. */
function pointsFrom(text: unknown, what: string): bigint {
  if (typeof text !== 'string' || !/^(0|[1-9]\d{0,18})$/.test(text) || BigInt(text) > mostPoints)
    throw new Malformed(`${what} is ${show(text)}: not a whole number of points from 0 on`);
  return BigInt(text);
}

function pointsBytes(points: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, points);
  return bytes;
}

async function sumOf(left: SumNode, right: SumNode, crypto: Crypto): Promise<SumNode> {
  const points = left.points + right.points;
  if (points > mostPoints) throw new Malformed('the sums of the path are too large');
  const sides = [left.hash, pointsBytes(left.points), right.hash, pointsBytes(right.points)];
  return { hash: await crypto.sha256(concat(Uint8Array.of(1), ...sides)), points };
}

function readPath(proof: FoundProof['proof']): SumNode[] {
  return listIn(proof, 'path', most.path).map((value) => {
    const { hash, points } = (value ?? {}) as { hash?: unknown; points?: unknown };
    return { hash: hashFromHex(hash), points: pointsFrom(points, 'a sum of the path') };
  });
}

async function pathStep(
  proof: FoundProof['proof'],
  leaf: string,
  total: Signed,
  crypto: Crypto,
): Promise<Step> {
  const points = pointsFrom(parseHashed(leaf, 'the leaf')['points'], 'the balance');
  const start = { hash: await crypto.sha256(concat(Uint8Array.of(0), utf8(leaf))), points };
  const [index, leaves] = [countIn(proof, 'index'), countIn(total.says, 'leaves')];
  const root = await climb(start, index, leaves, readPath(proof), (left, right) =>
    sumOf(left, right, crypto),
  );
  const stated = pointsFrom(total.says['points'], 'the total');
  if (!root || toHex(root.hash) !== total.says['root'])
    return {
      ok: false,
      text: 'The balance does not lead to the root of the signed total: it, or its path, was changed',
    };
  return root.points === stated
    ? { ok: true, text: `The balance of ${points} points is counted in the signed total of ${stated}` }
    : { ok: false, text: `The path adds up to ${root.points} points, but the signed total is ${stated}` };
}

function arithmeticStep({ says }: Signed, own: bigint): Step {
  const [points, arrears] = [
    pointsFrom(says['points'], 'the total'),
    pointsFrom(says['arrears'], 'the arrears'),
  ];
  if (own > arrears)
    return { ok: false, text: `You are said to owe ${own} points, and all members together only ${arrears}` };
  const outstanding = textIn(says, 'outstanding');
  const ok = String(points - arrears) === outstanding;
  const sum = `${points} points that members hold, less ${arrears} that members owe`;
  return {
    ok,
    text: ok
      ? `${sum}, are the ${outstanding} outstanding`
      : `${sum}, are not the ${outstanding} outstanding`,
  };
}

const notPooled = 'It says nothing of points in pools of households.';

const notComplete =
  "This shows that your own balance is counted. That nobody else's was left out shows only as other members check theirs, and find the same hash of the total.";

/** What of a balance is said to be in pools, by name: nothing in months of before, which did not count it. */
function pooledFact(says: Readonly<Record<string, unknown>>): readonly 'pooled'[] {
  if (says['pooled'] === undefined) return [];
  if (pointsFrom(says['pooled'], 'what is in pools') > pointsFrom(says['points'], 'the balance'))
    throw new Malformed('more is said to be in pools than the balance has');
  return ['pooled'];
}

/** The wallet of a balance: of one member or one pool, and of its programme. */
function walletIn(says: Signed['says']): string {
  const [walletId, programme] = [textIn(says, 'walletId'), textIn(says, 'programme')];
  const holder = walletId.slice('wal_'.length, -`_${programme}`.length);
  if (walletId !== `wal_${holder}_${programme}` || !/^([a-z]+_)?[0-9a-z]+$/.test(holder))
    throw new Malformed(`\`walletId\` is ${show(walletId)}: not the id of one wallet in ${programme}`);
  return walletId;
}

/** Whether balance and total are of one month, and that was counted at its end. */
function sameStep(says: Signed['says'], { says: total }: Signed): Step {
  const { month, end } = monthIn(total, 'period');
  if (instantIn(total, 'at') !== end)
    return { ok: false, text: `The total was not counted at the end of ${month}` };
  const ok = ['programme', 'period'].every((name) => textIn(says, name) === textIn(total, name));
  const of = `${textIn(total, 'programme')}, ${month}`;
  return {
    ok,
    text: ok ? `Balance and total are both of ${of}` : `The total is of ${of}, the balance of something else`,
  };
}

/** Verifies a proof that a wallet's balance is in a signed total. Throws Malformed where it is none. */
export async function verifyLiability(
  { proof }: FoundProof,
  keys: readonly Key[] | null,
  crypto: Crypto,
): Promise<Verified> {
  const leaf = textIn(proof, 'leaf');
  const says = parseHashed(leaf, 'the leaf');
  if (says['type'] !== 'jifen-balance') throw new Malformed('the leaf is no balance');
  const total = readSigned(proof['liabilities'], 'the signed total');
  if (total.says['type'] !== 'jifen-liabilities')
    throw new Malformed('the signed total is of something else');
  const code = (proof['liabilities'] as Signed['says'])['programmeCode'];
  if (code !== undefined && code !== total.says['programme'])
    throw new Malformed(`\`programmeCode\` of the total is ${show(code)}, but what was signed says another`);
  const walletId = walletIn(says);
  const steps = [
    sameStep(says, total),
    await pathStep(proof, leaf, total, crypto),
    arithmeticStep(total, pointsFrom(says['arrears'], 'what you owe')),
    await signatureStep('signed total', [total], keys, crypto),
  ];
  const pooled = pooledFact(says);
  const facts = ['programme', 'period', 'points', ...pooled, 'arrears'].map(
    (name) => [name, show(says[name])] as const,
  );
  return {
    title: 'A balance in the signed total',
    steps,
    facts: [
      ['walletId', walletId],
      ...facts,
      ['countedAt', show(total.says['at'])],
      ['totalHash', await hashOf(total, crypto)],
    ],
    warnings: [...(pooled.length > 0 ? [] : [notPooled]), notComplete],
  };
}

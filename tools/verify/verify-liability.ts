import {
  type Crypto,
  concat,
  hashFromHex,
  type Key,
  Malformed,
  type Report,
  type Step,
  show,
  toHex,
  utf8,
} from './checks.ts';
import { climb } from './merkle-path.ts';
import {
  countIn,
  type FoundProof,
  listIn,
  parseObject,
  readSigned,
  type Signed,
  textIn,
} from './proof-file.ts';
import { signatureStep } from './signatures.ts';

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
  return listIn(proof, 'path').map((value) => {
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
  const points = pointsFrom(parseObject(leaf, 'the leaf')['points'], 'the balance');
  const start = { hash: await crypto.sha256(concat(Uint8Array.of(0), utf8(leaf))), points };
  const [index, leaves] = [countIn(proof, 'index'), countIn(total.says, 'leaves')];
  const root = await climb(start, index, leaves, readPath(proof), (left, right) =>
    sumOf(left, right, crypto),
  );
  const stated = pointsFrom(total.says['points'], 'the total');
  if (!root || toHex(root.hash) !== total.says['root'])
    return {
      ok: false,
      text: 'The balance does not lead to the root of the published total: it, or its path, was changed',
    };
  return root.points === stated
    ? { ok: true, text: `The balance of ${points} points is counted in the published total of ${stated}` }
    : { ok: false, text: `The path adds up to ${root.points} points, but the published total is ${stated}` };
}

function arithmeticStep({ says }: Signed): Step {
  const [points, arrears] = [
    pointsFrom(says['points'], 'the total'),
    pointsFrom(says['arrears'], 'the arrears'),
  ];
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

/** What of a balance is said to be in pools, by name: nothing in months of before, which did not count it. */
function pooledFact(says: Readonly<Record<string, unknown>>): readonly 'pooled'[] {
  if (says['pooled'] === undefined) return [];
  if (pointsFrom(says['pooled'], 'what is in pools') > pointsFrom(says['points'], 'the balance'))
    throw new Malformed('more is said to be in pools than the balance has');
  return ['pooled'];
}

/** Verifies a proof that a wallet's balance is in a published total. Throws Malformed where it is none. */
export async function verifyLiability(
  { proof }: FoundProof,
  keys: readonly Key[],
  crypto: Crypto,
): Promise<Pick<Report, 'steps' | 'facts'> & { readonly title: string }> {
  const leaf = textIn(proof, 'leaf');
  const says = parseObject(leaf, 'the leaf');
  if (says['type'] !== 'jifen-balance') throw new Malformed('the leaf is no balance');
  const total = readSigned(proof['liabilities'], 'the published total');
  if (total.says['type'] !== 'jifen-liabilities')
    throw new Malformed('the published total is of something else');
  const same = ['programme', 'period'].every((name) => textIn(says, name) === textIn(total.says, name));
  const of = `${textIn(total.says, 'programme')}, ${textIn(total.says, 'period')}`;
  const steps = [
    {
      ok: same,
      text: same
        ? `Balance and total are both of ${of}`
        : `The total is of ${of}, the balance of something else`,
    },
    await pathStep(proof, leaf, total, crypto),
    arithmeticStep(total),
    await signatureStep('published total', [total], keys, crypto),
  ];
  const facts = ['walletId', 'programme', 'period', 'points', ...pooledFact(says), 'arrears'].map(
    (name) => [name, show(says[name])] as const,
  );
  return {
    title: 'A balance in the published total',
    steps,
    facts: [...facts, ['countedAt', show(total.says['at'])]],
  };
}

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
import { dayAfter, dayIn, instantIn } from './dates.ts';
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

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);
/** Parts of a posting that its leaf only commits to. */
const closedParts: readonly string[] = ['provenance', 'money'];

function readSeal(value: unknown, what: string): Signed {
  const seal = readSigned(value, what);
  if (seal.says['type'] !== 'jifen-ledger-seal') throw new Malformed(`${what} is the seal of no ledger`);
  return seal;
}

async function pathStep(
  proof: FoundProof['proof'],
  leaf: string,
  seal: Signed,
  crypto: Crypto,
): Promise<Step> {
  const node = async (left: Uint8Array, right: Uint8Array) => crypto.sha256(concat(nodePrefix, left, right));
  const path = listIn(proof, 'path', most.path).map(hashFromHex);
  const [index, count] = [countIn(proof, 'index'), countIn(seal.says, 'count')];
  const start = await crypto.sha256(concat(leafPrefix, utf8(leaf)));
  const root = await climb(start, index, count, path, node);
  const ok = root !== null && toHex(root) === textIn(seal.says, 'root');
  const day = dayIn(seal.says, 'day');
  return ok
    ? { ok, text: `The posting is number ${index + 1} of the ${count} that the seal of ${day} counts` }
    : {
        ok,
        text: `The posting does not lead to the root that the seal of ${day} names: it, or its path, was changed`,
      };
}

/** Each opening has to be what the leaf committed to, of a part that is closed, and the only one of it. */
async function openingStep(
  proof: FoundProof['proof'],
  says: Signed['says'],
  crypto: Crypto,
): Promise<Step[]> {
  const openings = 'openings' in proof ? listIn(proof, 'openings', closedParts.length) : [];
  const steps: Step[] = [];
  const shut = new Set(closedParts);
  for (const opening of openings) {
    if (typeof opening !== 'string') throw new Malformed('an opening is no text');
    const part = textIn(parseHashed(opening, 'an opening'), 'part');
    if (!shut.delete(part))
      throw new Malformed(`an opening is of ${part}, which is not closed or opened twice`);
    const ok = toHex(await crypto.sha256(utf8(opening))) === says[part];
    steps.push({
      ok,
      text: ok
        ? `What is shown of its ${part} is what was sealed`
        : `What is shown of its ${part} is not what was sealed`,
    });
  }
  return steps;
}

async function chainStep(seals: readonly Signed[], crypto: Crypto): Promise<Step> {
  for (const [i, seal] of seals.slice(1).entries()) {
    const before = seals[i]!;
    const [day, dayBefore] = [dayIn(seal.says, 'day'), dayIn(before.says, 'day')];
    const named = (await hashOf(before, crypto)) === seal.says['previous'];
    if (!named)
      return { ok: false, text: `The seal of ${day} names another seal than this one of ${dayBefore}` };
    if (day !== dayAfter(dayBefore)) return { ok: false, text: `${day} is not the day after ${dayBefore}` };
  }
  const newest = dayIn(seals.at(-1)!.says, 'day');
  if (seals.length === 1) return { ok: true, text: `Its seal is the newest in this proof, of ${newest}` };
  return { ok: true, text: `${seals.length} seals follow each other without a gap, up to that of ${newest}` };
}

const sameForAll =
  'That everybody is shown the same seals shows only as others find the same hash for the seal of that day.';

const factNames = ['id', 'kind', 'programme', 'points', 'at', 'recordedAt', 'externalRef', 'reason'];

/** Verifies a proof that a posting is under the seal of its day. Throws Malformed where it is none. */
export async function verifyLedger(
  { proof }: FoundProof,
  keys: readonly Key[] | null,
  crypto: Crypto,
): Promise<Verified> {
  const leaf = textIn(proof, 'leaf');
  const says = parseHashed(leaf, 'the leaf');
  if (says['type'] !== 'jifen-posting') throw new Malformed('the leaf is no posting');
  const seal = readSeal(proof['seal'], 'the seal');
  const chain = 'chain' in proof ? listIn(proof, 'chain', most.chain) : [];
  const seals = [seal, ...chain.map((each, i) => readSeal(each, `seal ${i + 2} of the chain`))];
  const [day, recorded] = [dayIn(seal.says, 'day'), instantIn(says, 'recordedAt').slice(0, 10)];
  const steps = [
    await pathStep(proof, leaf, seal, crypto),
    {
      ok: day === recorded,
      text: `The posting says that it was recorded on ${recorded}, and the seal is of ${day}`,
    },
    ...(await openingStep(proof, says, crypto)),
    await chainStep(seals, crypto),
    await signatureStep('seal', seals, keys, crypto),
  ];
  const facts = factNames.flatMap((name) =>
    says[name] === undefined ? [] : [[name, show(says[name])] as const],
  );
  const newest = ['newestSeal', await hashOf(seals.at(-1)!, crypto)] as const;
  return {
    title: 'A posting in the sealed journal',
    steps,
    facts: [...facts, newest],
    warnings: [sameForAll],
  };
}

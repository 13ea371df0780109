import { canonicalJson } from './canonical-json.ts';
import {
  type Crypto,
  hashFromHex,
  type Key,
  Malformed,
  type Report,
  type Step,
  toHex,
  utf8,
} from './checks.ts';
import { type FoundProof, objectIn, objectsIn, readSignature, type Signed, textIn } from './proof-file.ts';
import { signatureStep } from './signatures.ts';

type Fields = FoundProof['proof'];

/** What of a programme is no movement. All else is, so a statement with a line that is newer than this verifier still adds up. */
const noMovements = new Set([
  'programme',
  'opening',
  'closing',
  'available',
  'pending',
  'held',
  'arrears',
  'unlocked',
  'nextExpiries',
]);

/** A signed number of points from its decimal text, written in one way only. */
function pointsIn(from: Fields, name: string): bigint {
  const text = textIn(from, name);
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw new Malformed(`\`${name}\` is no whole number of points`);
  return BigInt(text);
}

/** What one line changed, or all lines of one kind. */
function movementOf(programme: Fields, name: string): bigint {
  if (!Array.isArray(programme[name])) return pointsIn(programme, name);
  return objectsIn(programme, name).reduce((sum, line) => sum + pointsIn(line, 'points'), 0n);
}

function figuresStep(programme: Fields): Step {
  const code = textIn(programme, 'programme');
  const points = (name: string) => pointsIn(programme, name);
  const movements = Object.keys(programme)
    .filter((name) => !noMovements.has(name))
    .reduce((sum, name) => sum + movementOf(programme, name), 0n);
  const [opening, closing] = [points('opening'), points('closing')];
  const change = `${opening} points at the beginning and ${movements} in the month`;
  if (opening + movements !== closing)
    return { ok: false, text: `${code} does not add up: ${change} are not the ${closing} at the end` };
  const parts = points('available') + points('pending') + points('held') - points('arrears');
  if (parts !== closing)
    return {
      ok: false,
      text: `${code} does not add up: its parts are ${parts}, not the ${closing} at the end`,
    };
  return { ok: true, text: `${code} adds up: ${change} are the ${closing} at the end` };
}

async function hashStep({ content, statedHash }: Signed, crypto: Crypto): Promise<Step> {
  const ok = toHex(await crypto.sha256(utf8(content))) === toHex(hashFromHex(statedHash));
  return {
    ok,
    text: ok
      ? 'The statement has the hash that stands beside it'
      : 'The statement does not have the hash that stands beside it: one of them was changed',
  };
}

/** A statement brings no public key, so without one given nobody can tell who signed it. */
async function signedStep(signed: Signed, keys: readonly Key[] | null, crypto: Crypto): Promise<Step> {
  if (keys) return signatureStep('statement', [{ ...signed, statedHash: undefined }], keys, crypto);
  return {
    ok: null,
    text: `Its signature could not be verified: a statement brings no public key, and that of ${signed.keyId} was not given`,
  };
}

/** Verifies a downloaded statement of a member's month. Throws Malformed where it is none. */
export async function verifyStatement(
  { proof: file }: FoundProof,
  keys: readonly Key[] | null,
  crypto: Crypto,
): Promise<Pick<Report, 'steps' | 'facts'> & { readonly title: string }> {
  const says = objectIn(file, 'statement');
  if (says['type'] !== 'jifen-statement') throw new Malformed('what was signed is no statement');
  if (says['version'] !== 1)
    throw new Malformed(`it is of version ${String(says['version'])}, which this verifier does not know`);
  const content = canonicalJson(says);
  const signed = { content, says, ...readSignature(file, 'the statement') };
  const programmes = objectsIn(says, 'programmes');
  const steps = [
    await hashStep(signed, crypto),
    ...programmes.map(figuresStep),
    await signedStep(signed, keys, crypto),
  ];
  const facts = programmes.map(
    (one) =>
      [
        'programme',
        `${textIn(one, 'programme')}: ${textIn(one, 'opening')} → ${textIn(one, 'closing')}`,
      ] as const,
  );
  const named = ['memberId', 'month'].map((name) => [name, textIn(says, name)] as const);
  return { title: 'A signed statement of a month', steps, facts: [...named, ...facts] };
}

import { canonicalJson } from './canonical-json.ts';
import { type Key, Malformed, most, NothingToVerify, show } from './checks.ts';
import { isWeakKey } from './weak-keys.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field that has to be an object. */
export function objectIn(from: Fields, name: string): Fields {
  const value = from[name];
  if (!isObject(value)) throw new Malformed(`\`${name}\` is missing`);
  return value;
}

/** A field that has to be a text. */
export function textIn(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw new Malformed(`\`${name}\` is missing or no text`);
  return value;
}

/** A field that has to be a whole number from 0 on. */
export function countIn(from: Fields, name: string): number {
  const value = from[name];
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw new Malformed(`\`${name}\` is missing or no whole number`);
  return value as number;
}

/** A field that has to be a list, of so many values at most. */
export function listIn(from: Fields, name: string, longest: number): readonly unknown[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new Malformed(`\`${name}\` is missing or no list`);
  if (value.length > longest) throw new Malformed(`\`${name}\` has more than ${longest} parts`);
  return value;
}

/** A field that has to be a list of objects. */
export function objectsIn(from: Fields, name: string, longest = Number.POSITIVE_INFINITY): readonly Fields[] {
  const list = listIn(from, name, longest);
  if (!list.every(isObject)) throw new Malformed(`\`${name}\` is no list of objects`);
  return list;
}

/** A text that was hashed: canonical JSON of an object, which can be read in one way only. */
export function parseHashed(text: string, what: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed(`${what} is not JSON`);
  }
  if (!isObject(value)) throw new Malformed(`${what} is no JSON object`);
  if (canonicalJson(value) !== text) throw new Malformed(`${what} is not canonical JSON`);
  return value;
}

/** A signed text. */
export interface Signed {
  /** The very text that was signed. */
  readonly content: string;
  /** What it says. */
  readonly says: Fields;
  readonly keyId: string;
  readonly signature: string;
  /** The hash that stands beside it, if one does. */
  readonly statedHash: unknown;
}

/** Reads the signature that stands in something, and the hash beside it. */
export function readSignature(
  from: Fields,
  what: string,
): Pick<Signed, 'keyId' | 'signature' | 'statedHash'> {
  const signature = objectIn(from, 'signature');
  if (textIn(signature, 'algorithm') !== 'EdDSA') throw new Malformed(`${what} is not signed with EdDSA`);
  return {
    keyId: textIn(signature, 'keyId'),
    signature: textIn(signature, 'signature'),
    statedHash: from['hash'],
  };
}

/** A value to compare with another: a number may also stand as its text. */
const plainly = (value: unknown): string =>
  typeof value === 'object' && value !== null ? canonicalJson(value) : String(value);

/** Reads a signed text. What stands beside it has to be what it says, so that nobody reads one thing and verifies another. */
export function readSigned(value: unknown, what: string): Signed {
  if (!isObject(value)) throw new Malformed(`${what} is missing`);
  const content = textIn(value, 'content');
  const says = parseHashed(content, `the content of ${what}`);
  for (const [name, said] of Object.entries(says))
    if (name in value && plainly(value[name]) !== plainly(said))
      throw new Malformed(
        `\`${name}\` of ${what} is ${show(value[name])}, but what was signed says ${show(said)}`,
      );
  return { content, says, ...readSignature(value, what) };
}

/** A public key. What else may stand beside `x` has to say that it is one for Ed25519. */
function readKey(value: unknown): Key {
  const key = isObject(value) ? value : {};
  const x = textIn(key, 'x');
  for (const [name, only] of [
    ['kty', 'OKP'],
    ['crv', 'Ed25519'],
  ] as const)
    if (name in key && key[name] !== only) throw new Malformed(`the key ${show(x)} is none for Ed25519`);
  if (isWeakKey(x)) throw new Malformed(`the key ${show(x)} would let any signature pass`);
  return { x };
}

/** How deep in an answer keys may stand: in the list of a field of its data. */
const deepestKeys = 4;

/** Reads public keys: a list of JWKs, a JWK set, one JWK, or an answer that holds `signingKeys`. */
export function readKeys(value: unknown, depth = 0): readonly Key[] {
  if (depth > deepestKeys) throw new Malformed('the public keys are nested too deeply');
  if (Array.isArray(value)) {
    if (value.length > most.keys) throw new Malformed(`more than ${most.keys} public keys are in it`);
    return value.map(readKey);
  }
  if (isObject(value)) {
    if ('leaf' in value) throw new Malformed('it is a proof: its own keys do not vouch for it');
    for (const name of ['keys', 'signingKeys']) if (name in value) return readKeys(value[name], depth + 1);
    if (isObject(value['data'])) return readKeys(value['data'], depth + 1);
    if ('x' in value) return readKeys([value], depth + 1);
  }
  throw new Malformed('no public keys (JWKs) are in it');
}

/** A proof or a statement as it was found in a file. */
export interface FoundProof {
  readonly kind: 'LEDGER' | 'LIABILITY' | 'STATEMENT';
  readonly proof: Fields;
  /** What it brings as its public keys, as it stands there; null for none, as of a statement. */
  readonly brings: unknown;
}

/** What is read of each kind. */
const fieldsOf: Record<FoundProof['kind'], readonly string[]> = {
  LEDGER: ['leaf', 'openings', 'index', 'path', 'seal', 'chain', 'signingKeys'],
  LIABILITY: ['leaf', 'index', 'path', 'liabilities', 'signingKeys'],
  STATEMENT: ['hash', 'signature', 'statement'],
};

/** The names of what stands beside something that can be verified and is no part of it. */
export const unreadIn = ({ kind, proof }: FoundProof): string[] =>
  Object.keys(proof).filter((name) => name !== '__typename' && !fieldsOf[kind].includes(name));

const severalThings = 'more than one thing that could be verified is in it: give a file with one of them';

/** Whether something is a downloaded statement. */
function isStatement(value: Fields): boolean {
  const { statement } = value;
  if (!isObject(statement)) return false;
  return 'hash' in value || 'signature' in value || statement['type'] === 'jifen-statement';
}

/** Reads a downloaded statement. A month that was not over is not signed. */
function foundStatement(proof: Fields): FoundProof {
  if ('hash' in proof || 'signature' in proof) return { kind: 'STATEMENT', proof, brings: null };
  throw new NothingToVerify(
    'this statement is not signed, as none is before its month is over: download it again afterwards',
  );
}

function foundLeaf(proof: Fields): FoundProof {
  const brings = proof['signingKeys'] ?? null;
  if ('seal' in proof && 'liabilities' in proof) throw new NothingToVerify(severalThings);
  if ('seal' in proof) return { kind: 'LEDGER', proof, brings };
  if ('liabilities' in proof) return { kind: 'LIABILITY', proof, brings };
  throw new Malformed('ask for every field that the documented query asks for');
}

/** All objects in which a proof may stand: a file itself, its data, and the fields of both. */
function placesIn(file: Fields): readonly Fields[] {
  const data = isObject(file['data']) ? [file['data']] : [];
  const fields = [file, ...data].flatMap((each) => Object.values(each).filter(isObject));
  return [...new Set([file, ...data, ...fields])];
}

/**
 * Finds what can be verified in a parsed file: a downloaded statement, a proof, or a GraphQL answer with one in it. Throws
 * NothingToVerify where there is nothing of the kind or more than one thing, and Malformed where it is not whole.
 */
export function findProof(file: unknown): FoundProof {
  if (!isObject(file)) throw new NothingToVerify('it is no JSON object');
  const places = placesIn(file);
  const [found, another] = places.filter((each) => 'leaf' in each || isStatement(each));
  if (another || (found && 'leaf' in found && isStatement(found))) throw new NothingToVerify(severalThings);
  if (found) return 'leaf' in found ? foundLeaf(found) : foundStatement(found);
  const refused = places.find((each) => typeof each['message'] === 'string');
  if (refused) throw new NothingToVerify(`it holds a refusal instead: ${show(refused['message'])}`);
  throw new NothingToVerify(
    'neither a proof of a posting or of a balance is in it, nor a downloaded statement',
  );
}

import { canonicalJson } from './canonical-json.ts';
import { type Key, Malformed, NothingToVerify, show } from './checks.ts';

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

/** A field that has to be a list. */
export function listIn(from: Fields, name: string): readonly unknown[] {
  const value = from[name];
  if (!Array.isArray(value)) throw new Malformed(`\`${name}\` is missing or no list`);
  return value;
}

/** A field that has to be a list of objects. */
export function objectsIn(from: Fields, name: string): readonly Fields[] {
  const list = listIn(from, name);
  if (!list.every(isObject)) throw new Malformed(`\`${name}\` is no list of objects`);
  return list;
}

/** A JSON text that has to hold an object. */
export function parseObject(text: string, what: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed(`${what} is not JSON`);
  }
  if (!isObject(value)) throw new Malformed(`${what} is no JSON object`);
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
  const says = parseObject(content, `the content of ${what}`);
  for (const [name, said] of Object.entries(says))
    if (name in value && plainly(value[name]) !== plainly(said))
      throw new Malformed(
        `\`${name}\` of ${what} is ${show(value[name])}, but what was signed says ${show(said)}`,
      );
  return { content, says, ...readSignature(value, what) };
}

/** How deep in an answer keys may stand: in the list of a field of its data. */
const deepestKeys = 4;

/** Reads public keys: a list of JWKs, a JWK set, one JWK, or an answer that holds `signingKeys`. */
export function readKeys(value: unknown, depth = 0): readonly Key[] {
  if (depth > deepestKeys) throw new Malformed('the public keys are nested too deeply');
  if (Array.isArray(value)) return value.map((key) => ({ x: textIn(isObject(key) ? key : {}, 'x') }));
  if (isObject(value)) {
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
  /** The public keys that it brings. A statement brings none. */
  readonly keys: readonly Key[];
}

/** Finds a downloaded statement; null if the file is none. A month that was not over is not signed. */
function findStatement(file: Fields): FoundProof | null {
  const { statement } = file;
  if (!isObject(statement)) return null;
  if ('hash' in file || 'signature' in file) return { kind: 'STATEMENT', proof: file, keys: [] };
  if (statement['type'] !== 'jifen-statement') return null;
  throw new NothingToVerify(
    'this statement is not signed, as none is before its month is over: download it again afterwards',
  );
}

function findLeaf(candidates: readonly Fields[]): FoundProof | null {
  const proof = candidates.find((each) => 'leaf' in each);
  if (!proof) return null;
  const keys = 'signingKeys' in proof ? readKeys(proof['signingKeys']) : [];
  if ('seal' in proof) return { kind: 'LEDGER', proof, keys };
  if ('liabilities' in proof) return { kind: 'LIABILITY', proof, keys };
  throw new Malformed('ask for every field that the documented query asks for');
}

/**
 * Finds what can be verified in a parsed file: a downloaded statement, a proof, or a GraphQL answer with one in it. Throws
 * NothingToVerify where there is nothing of the kind, and Malformed where it is not whole.
 */
export function findProof(file: unknown): FoundProof {
  const seen = isObject(file) && isObject(file['data']) ? file['data'] : file;
  if (!isObject(seen)) throw new NothingToVerify('it is no JSON object');
  const candidates = 'leaf' in seen ? [seen] : Object.values(seen).filter(isObject);
  const found = findLeaf(candidates) ?? findStatement(seen);
  if (found) return found;
  const refused = candidates.find((each) => typeof each['message'] === 'string');
  if (refused) throw new NothingToVerify(`it holds a refusal instead: ${show(refused['message'])}`);
  throw new NothingToVerify(
    'neither a proof of a posting or of a balance is in it, nor a downloaded statement',
  );
}

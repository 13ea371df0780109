import { canonicalJson } from './canonical-json.ts';
import {
  type Crypto,
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
import { monthIn } from './dates.ts';
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
  'pooled',
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

/** The part of a programme that says what of the member's was in pools of households. */
const pooledIn = (programme: Fields): Fields | null =>
  programme['pooled'] === undefined ? null : objectIn(programme, 'pooled');

/** A part of what somebody has or owes, which cannot be less than nothing. */
function partIn(from: Fields, name: string): bigint {
  const points = pointsIn(from, name);
  if (points < 0n) throw new Malformed(`\`${name}\` is ${points}, less than nothing`);
  return points;
}

/** Whether opening and movements lead to the closing, and the parts make it up; `arrears` is taken from the others. */
function figuresStep(name: string, of: Fields, parts: readonly string[]): Step {
  const points = (field: string) => pointsIn(of, field);
  const movements = Object.keys(of)
    .filter((field) => !noMovements.has(field))
    .reduce((sum, field) => sum + movementOf(of, field), 0n);
  const [opening, closing] = [points('opening'), points('closing')];
  const change = `${opening} points at the beginning and ${movements} in the month`;
  if (opening + movements !== closing)
    return { ok: false, text: `${name} does not add up: ${change} are not the ${closing} at the end` };
  const sum = parts.reduce((total, part) => total + partIn(of, part) * (part === 'arrears' ? -1n : 1n), 0n);
  if (sum !== closing)
    return {
      ok: false,
      text: `${name} does not add up: its parts are ${sum}, not the ${closing} at the end`,
    };
  return { ok: true, text: `${name} adds up: ${change} are the ${closing} at the end` };
}

/** What left the wallet for a pool has to arrive there, and the other way round. */
function passageStep(code: string, programme: Fields, pooled: Fields | null): Step {
  const wrong = ['contributed', 'takenBack'].find(
    (name) => pointsIn(programme, name) !== (pooled ? -pointsIn(pooled, name) : 0n),
  );
  return wrong === undefined
    ? { ok: true, text: `What went between the wallet and pools in ${code} is the same on both sides` }
    : {
        ok: false,
        text: `What went between the wallet and pools in ${code} is not the same on both sides: ${wrong}`,
      };
}

function programmeSteps(programme: Fields, saysPooled: boolean): Step[] {
  const code = textIn(programme, 'programme');
  const own = figuresStep(code, programme, ['available', 'pending', 'held', 'arrears']);
  const pooled = pooledIn(programme);
  if (!pooled && !saysPooled) return [own];
  const passage = passageStep(code, programme, pooled);
  // Without a pool it is worth no word that nothing went there.
  if (!pooled) return passage.ok ? [own] : [own, passage];
  return [own, figuresStep(`${code} in pools`, pooled, ['available', 'held']), passage];
}

const notPooled =
  'Points went to pools of households or came from there, and what the member has there it does not say.';

/** Whether something went between a wallet and pools of which nothing is said. */
const isSilent = (programme: Fields): boolean =>
  ['contributed', 'takenBack'].some((name) => name in programme && pointsIn(programme, name) !== 0n);

async function hashStep({ content, statedHash }: Signed, crypto: Crypto): Promise<Step> {
  const ok = toHex(await crypto.sha256(utf8(content))) === toHex(hashFromHex(statedHash));
  return {
    ok,
    text: ok
      ? 'The statement has the hash that stands beside it'
      : 'The statement does not have the hash that stands beside it: one of them was changed',
  };
}

/** From when to when it is, where that stands in it, has to be its month. */
function checkMonth(says: Fields): void {
  const { month, begin, end } = monthIn(says, 'month');
  for (const [name, wanted] of [
    ['from', begin],
    ['to', end],
    ['timeZone', 'UTC'],
  ] as const)
    if (name in says && says[name] !== wanted)
      throw new Malformed(`\`${name}\` is ${show(says[name])}, and not ${wanted} as of the month ${month}`);
}

/** Verifies a downloaded statement of a member's month. Throws Malformed where it is none. */
export async function verifyStatement(
  { proof: file }: FoundProof,
  keys: readonly Key[] | null,
  crypto: Crypto,
): Promise<Verified> {
  const says = objectIn(file, 'statement');
  if (says['type'] !== 'jifen-statement') throw new Malformed('what was signed is no statement');
  if (says['version'] !== 1 && says['version'] !== 2)
    throw new Malformed(`it is of version ${show(says['version'])}, which this verifier does not know`);
  const content = canonicalJson(says);
  const signed = { content, says, ...readSignature(file, 'the statement') };
  checkMonth(says);
  const programmes = objectsIn(says, 'programmes', most.programmes);
  if (new Set(programmes.map((one) => textIn(one, 'programme'))).size < programmes.length)
    throw new Malformed('a programme stands in it twice');
  // Statements of version 1 say nothing of what was in pools, not even that nothing was.
  const saysPooled = says['version'] === 2;
  const steps = [
    await hashStep(signed, crypto),
    ...programmes.flatMap((one) => programmeSteps(one, saysPooled)),
    await signatureStep('statement', [{ ...signed, statedHash: undefined }], keys, crypto),
  ];
  const course = (of: Fields) => `${textIn(of, 'opening')} → ${textIn(of, 'closing')}`;
  const facts = programmes.flatMap((one) => {
    const [code, pooled] = [textIn(one, 'programme'), pooledIn(one)];
    const own = ['programme', `${code}: ${course(one)}`] as const;
    return pooled ? [own, ['inPools', `${code}: ${course(pooled)}`] as const] : [own];
  });
  const warnings = !saysPooled && programmes.some(isSilent) ? [notPooled] : [];
  const named = ['memberId', 'month'].map((name) => [name, textIn(says, name)] as const);
  return { title: 'A signed statement of a month', steps, facts: [...named, ...facts], warnings };
}

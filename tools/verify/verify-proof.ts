import { type Crypto, type Key, Malformed, NothingToVerify, type Report, type Step } from './checks.ts';
import { type FoundProof, findProof } from './proof-file.ts';
import { verifyLedger } from './verify-ledger.ts';
import { verifyLiability } from './verify-liability.ts';
import { verifyStatement } from './verify-statement.ts';

const notPinned =
  "The public keys come from the proof itself: whoever forged the one could have forged the other. Get the keys another way (https://…/.well-known/jifen-signing-keys.json, a newspaper, last year's copy) and give them too.";

const noKeys =
  "A statement brings no public keys, so whether it was signed by the coalition cannot be told without. Get the coalition's keys (https://…/.well-known/jifen-signing-keys.json, a newspaper, last year's copy) and give them too.";

const notComplete =
  "This shows that your own balance is counted. That nobody else's was left out shows only as other members check theirs.";

const nothingDone = (verdict: 'BAD' | 'NOTHING', title: string, text: string): Report => ({
  verdict,
  title,
  steps: [{ ok: verdict === 'BAD' ? false : null, text }],
  warnings: [],
  facts: [],
});

const malformed = (kind: FoundProof['kind'] | null, why: string): Report =>
  kind === 'STATEMENT'
    ? nothingDone('BAD', 'Not a statement', `The file is not a whole statement: ${why}`)
    : nothingDone('BAD', 'Not a proof', `The file is not a whole proof: ${why}`);

/** Nobody foresaw such a file: it holds no more than one in which there is nothing. */
const unforeseen = (error: unknown): Report =>
  nothingDone(
    'NOTHING',
    'It could not be verified',
    `Something went wrong: ${error instanceof Error ? error.message : typeof error}`,
  );

function verdictOf(steps: readonly Step[], keyless: boolean): Report['verdict'] {
  if (steps.some(({ ok }) => ok === false)) return 'BAD';
  if (keyless) return 'KEYLESS';
  return steps.some(({ ok }) => ok === null) ? 'UNSIGNED' : 'GOOD';
}

function warningsOf(kind: FoundProof['kind'], pinned: boolean): readonly string[] {
  const ofKeys = kind === 'STATEMENT' ? noKeys : notPinned;
  return [...(pinned ? [] : [ofKeys]), ...(kind === 'LIABILITY' ? [notComplete] : [])];
}

async function verifyFound(
  found: FoundProof,
  pinned: readonly Key[] | null,
  crypto: Crypto,
): Promise<Report> {
  const { kind } = found;
  const warnings = warningsOf(kind, pinned !== null);
  if (kind === 'STATEMENT') {
    const { title, steps, facts } = await verifyStatement(found, pinned, crypto);
    return { verdict: verdictOf(steps, pinned === null), title, steps, facts, warnings };
  }
  const verify = kind === 'LEDGER' ? verifyLedger : verifyLiability;
  const { title, steps, facts } = await verify(found, pinned ?? found.keys, crypto);
  return { verdict: verdictOf(steps, false), title, steps, facts, warnings };
}

/**
 * Verifies a proof or a statement in a parsed file, with public keys that the reader trusts or, without them, with those
 * that a proof brings. Asks nobody: it needs no server, and never throws, whatever the file holds.
 */
export async function verifyProof(
  file: unknown,
  pinned: readonly Key[] | null,
  crypto: Crypto,
): Promise<Report> {
  let kind: FoundProof['kind'] | null = null;
  try {
    const found = findProof(file);
    ({ kind } = found);
    return await verifyFound(found, pinned, crypto);
  } catch (error) {
    if (error instanceof NothingToVerify)
      return nothingDone(
        'NOTHING',
        'Nothing that can be verified here',
        `Nothing was checked: ${error.message}`,
      );
    if (error instanceof Malformed) return malformed(kind, error.message);
    return unforeseen(error);
  }
}

import { type Crypto, type Key, Malformed, type Report } from './checks.ts';
import { findProof } from './proof-file.ts';
import { verifyLedger } from './verify-ledger.ts';
import { verifyLiability } from './verify-liability.ts';

const notPinned =
  "The public keys come from the proof itself: whoever forged the one could have forged the other. Get the keys another way (https://…/.well-known/jifen-signing-keys.json, a newspaper, last year's copy) and give them too.";

const notComplete =
  "This shows that your own balance is counted. That nobody else's was left out shows only as other members check theirs.";

const malformed = (why: string): Report => ({
  verdict: 'BAD',
  title: 'Not a proof',
  steps: [{ ok: false, text: `The file is not a whole proof: ${why}` }],
  warnings: [],
  facts: [],
});

/**
 * Verifies a proof in a parsed file, with public keys that the reader trusts or, without them, with those that the proof
 * brings. Asks nobody: it needs no server, and never throws for a bad file.
 */
export async function verifyProof(
  file: unknown,
  pinned: readonly Key[] | null,
  crypto: Crypto,
): Promise<Report> {
  try {
    const found = findProof(file);
    const verify = found.kind === 'LEDGER' ? verifyLedger : verifyLiability;
    const { title, steps, facts } = await verify(found, pinned ?? found.keys, crypto);
    const verdict = steps.some(({ ok }) => ok === false)
      ? 'BAD'
      : steps.some(({ ok }) => ok === null)
        ? 'UNSIGNED'
        : 'GOOD';
    const warnings = [...(pinned ? [] : [notPinned]), ...(found.kind === 'LIABILITY' ? [notComplete] : [])];
    return { verdict, title, steps, facts, warnings };
  } catch (error) {
    if (error instanceof Malformed) return malformed(error.message);
    throw error;
  }
}

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

const whose = (walletId: string): string =>
  `It is the balance of the wallet ${walletId}. See that this is yours: your export names it, and your member id, as at the foot of your statements, is in it. Else one balance could be shown to several members who hold as many points.`;

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

/** What the reader vouches for: public keys, and which wallet is its own. Null where it does not say. */
interface Given {
  readonly keys: readonly Key[] | null;
  readonly walletId: string | null;
}

function warningsOf(kind: FoundProof['kind'], facts: Report['facts'], given: Given): readonly string[] {
  const ofKeys = kind === 'STATEMENT' ? noKeys : notPinned;
  const ofWallet = given.walletId === null ? [whose(new Map(facts).get('walletId')!)] : [];
  return [...(given.keys ? [] : [ofKeys]), ...(kind === 'LIABILITY' ? [...ofWallet, notComplete] : [])];
}

function walletStep(kind: FoundProof['kind'], facts: Report['facts'], walletId: string): Step {
  if (kind !== 'LIABILITY') return { ok: false, text: 'Only a balance is of one wallet, and this is none' };
  const shown = new Map(facts).get('walletId')!;
  return shown === walletId
    ? { ok: true, text: `It is the balance of the wallet ${walletId}` }
    : { ok: false, text: `It is the balance of another wallet, ${shown}` };
}

async function verifyFound(found: FoundProof, given: Given, crypto: Crypto): Promise<Report> {
  const { kind, keys: brought } = found;
  const { keys, walletId } = given;
  const verify = kind === 'LEDGER' ? verifyLedger : verifyLiability;
  const { title, steps, facts } =
    kind === 'STATEMENT'
      ? await verifyStatement(found, keys, crypto)
      : await verify(found, keys ?? brought, crypto);
  const all = walletId === null ? steps : [walletStep(kind, facts, walletId), ...steps];
  const verdict = verdictOf(all, kind === 'STATEMENT' && keys === null);
  return { verdict, title, steps: all, facts, warnings: warningsOf(kind, facts, given) };
}

/**
 * Verifies a proof or a statement in a parsed file, with public keys that the reader trusts or, without them, with those
 * that a proof brings; with the id of a wallet only if it is of that one. Asks nobody: it needs no server, and never throws, whatever the file holds.
 */
export async function verifyProof(
  file: unknown,
  pinned: readonly Key[] | null,
  crypto: Crypto,
  walletId: string | null = null,
): Promise<Report> {
  let kind: FoundProof['kind'] | null = null;
  try {
    const found = findProof(file);
    ({ kind } = found);
    return await verifyFound(found, { keys: pinned, walletId }, crypto);
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

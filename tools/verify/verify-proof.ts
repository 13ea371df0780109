import { printable } from '../printable.ts';
import { type Crypto, type Key, Malformed, NothingToVerify, type Report, type Step } from './checks.ts';
import { type FoundProof, findProof, readKeys, unreadIn } from './proof-file.ts';
import { verifyLedger } from './verify-ledger.ts';
import { verifyLiability } from './verify-liability.ts';
import { verifyStatement } from './verify-statement.ts';

const notPinned =
  "The public keys come from the proof itself: whoever forged the one could have forged the other. Get the keys another way (https://…/.well-known/jifen-signing-keys.json, a newspaper, last year's copy) and give them too.";

const noKeys =
  "The file brings no public keys, as no statement does, so whether the coalition signed it cannot be told without. Get the coalition's keys (https://…/.well-known/jifen-signing-keys.json, a newspaper, last year's copy) and give them too.";

const whose = (walletId: string): string =>
  `It is the balance of the wallet ${walletId}. See that this is yours: your export names it, and it is wal_<your member id>_<the programme>, the member id being that at the foot of your statements. Else one balance could be shown to several members who hold as many points.`;

const unread = (names: readonly string[]): string =>
  `Beside it in the file stands what was not verified and proves nothing: ${names.join(', ')}.`;

const verifiers = { LEDGER: verifyLedger, LIABILITY: verifyLiability, STATEMENT: verifyStatement };

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

function walletStep(kind: FoundProof['kind'], facts: Report['facts'], walletId: string): Step {
  if (kind !== 'LIABILITY') return { ok: false, text: 'Only a balance is of one wallet, and this is none' };
  const shown = new Map(facts).get('walletId')!;
  return shown === walletId
    ? { ok: true, text: `It is the balance of the wallet ${walletId}` }
    : { ok: false, text: `It is the balance of another wallet, ${shown}` };
}

async function verifyFound(found: FoundProof, given: Given, crypto: Crypto): Promise<Report> {
  const { kind, brings } = found;
  const { walletId } = given;
  const brought = given.keys || brings === null ? null : readKeys(brings);
  const keys = given.keys ?? brought;
  const { title, steps, facts, warnings } = await verifiers[kind](found, keys, crypto);
  const all = walletId === null ? steps : [walletStep(kind, facts, walletId), ...steps];
  const names = unreadIn(found);
  const ofKeys = keys ? notPinned : noKeys;
  return {
    ...{ verdict: verdictOf(all, keys === null), title, steps: all, facts },
    warnings: [
      ...(given.keys ? [] : [ofKeys]),
      ...(kind === 'LIABILITY' && walletId === null ? [whose(new Map(facts).get('walletId')!)] : []),
      ...warnings,
      ...(names.length > 0 ? [unread(names)] : []),
    ],
  };
}

/** A report with nothing in it that could change how a screen shows the rest. */
const shown = ({ verdict, title, steps, warnings, facts }: Report): Report => ({
  verdict,
  title: printable(title),
  steps: steps.map(({ ok, text }) => ({ ok, text: printable(text) })),
  warnings: warnings.map(printable),
  facts: facts.map(([name, value]) => [name, printable(value)]),
});

async function judge(file: unknown, given: Given, crypto: Crypto): Promise<Report> {
  let kind: FoundProof['kind'] | null = null;
  try {
    const found = findProof(file);
    ({ kind } = found);
    return await verifyFound(found, given, crypto);
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

/**
 * Verifies a proof or a statement in a parsed file, with public keys that the reader trusts or, without them, with those
 * that a proof brings; with the id of a wallet only if it is of that one. Asks nobody: it needs no server, and never throws, whatever the file holds.
 */
export const verifyProof = async (
  file: unknown,
  pinned: readonly Key[] | null,
  crypto: Crypto,
  walletId: string | null = null,
): Promise<Report> => shown(await judge(file, { keys: pinned, walletId }, crypto));

// npm run verify -- proof.json: verifies a saved proof or statement without asking anybody.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printable } from '../printable.ts';
import { type Key, Malformed, type Report } from './checks.ts';
import { nodeCrypto } from './node-crypto.ts';
import { readKeys } from './proof-file.ts';
import { readJson } from './read-json.ts';
import { verifyProof } from './verify-proof.ts';

const usage = `npm run verify -- FILE.json [--keys KEYS.json] [--wallet ID]

Verifies a saved answer of \`ledgerProof\` or \`liabilityProof\`, or a statement downloaded as JSON, offline. KEYS.json holds the
coalition's public keys as you got them another way than with the proof: a JWK set, a list of JWKs or one JWK. Without it the
keys in a proof are used, and the verdict says so; a statement brings none, so its signature cannot be verified then. With
--wallet a proof of a balance holds only if it is of that wallet: your own, as your export names it. Exit
status: 0 it holds, 1 it does not or its signature could not be verified, 2 it could not be read or is nothing that can be
verified.`;

const marks = { true: '✓', false: '✗', null: '?' };

const verdicts: Record<Report['verdict'], string> = {
  GOOD: 'VERIFIED',
  UNSIGNED: 'NOT FULLY VERIFIED',
  KEYLESS: "NOT FULLY VERIFIED: the coalition's public keys are needed (--keys KEYS.json)",
  BAD: 'NOT VERIFIED: do not rely on it',
  NOTHING: 'NOTHING TO VERIFY: do not rely on it',
};

const statuses: Record<Report['verdict'], number> = { GOOD: 0, UNSIGNED: 1, KEYLESS: 1, BAD: 1, NOTHING: 2 };

/** Tells what was found, one line a step. */
function describe({ verdict, title, steps, warnings, facts }: Report, pinned: boolean): string {
  const label =
    verdict === 'GOOD' && !pinned
      ? `${verdicts[verdict]}, with keys that nobody vouched for`
      : verdicts[verdict];
  return [
    title,
    ...facts.map(([name, value]) => `  ${name.padEnd(12)} ${value}`),
    '',
    ...steps.map(({ ok, text }) => `${marks[`${ok}`]} ${text}`),
    ...warnings.map((warning) => `! ${warning}`),
    '',
    label,
  ].join('\n');
}

class Unreadable extends Error {}

function readFile(file: string): unknown {
  try {
    return readJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Unreadable(`${file} cannot be read as JSON: ${printable((error as Error).message)}`);
  }
}

function readPinned(file: string): readonly Key[] {
  try {
    return readKeys(readFile(file));
  } catch (error) {
    throw error instanceof Malformed ? new Unreadable(`${file}: ${printable(error.message)}`) : error;
  }
}

function readArguments() {
  try {
    const options = {
      keys: { type: 'string' },
      wallet: { type: 'string' },
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Unreadable((error as Error).message);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (positionals.length !== 1) throw new Unreadable(`one file is needed\n\n${usage}`);
  const pinned = values.keys === undefined ? null : readPinned(values.keys);
  const report = await verifyProof(readFile(positionals[0]!), pinned, nodeCrypto, values.wallet ?? null);
  console.log(describe(report, pinned !== null));
  return statuses[report.verdict];
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const text = error instanceof Unreadable ? error.message : printable(String(error));
    console.error(`verify: ${text}`);
    process.exitCode = 2;
  },
);

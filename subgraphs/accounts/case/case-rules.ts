import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { hasWords } from '../../shared/words.ts';
import { mostPoints } from '../ledger/command.ts';
import type { Evidence } from './case.ts';
import type { CaseActInput } from './case-command.ts';

const mostStatement = 2_000;
const mostEvidence = 20;
const mostName = 200;
const mostUri = 2_000;

/** A text of several lines: no control characters but tabs and ends of lines, and a word to read. */
const isStatement = (text: string): boolean =>
  hasWords(text) && new RegExp(`^[\\P{Cc}\\t\\n\\r]{1,${mostStatement}}$`, 'u').test(text);

const isName = (text: string): boolean =>
  hasWords(text) && new RegExp(`^\\P{Cc}{1,${mostName}}$`, 'u').test(text);

/** Only what is safe to follow from a page: no script hides in it. */
const isUri = (text: string): boolean =>
  text.length <= mostUri && /^(https:\/\/|urn:|ipfs:\/\/)[\x21-\x7e]+$/i.test(text);

function checkEvidence(evidence: readonly Evidence[], least: number): InvalidInput | null {
  if (evidence.length < least || evidence.length > mostEvidence)
    return invalidInput('input.evidence', `${least} to ${mostEvidence} pieces`);
  for (const [i, { name, uri, sha256 }] of evidence.entries()) {
    const field = `input.evidence.${i}`;
    if (!isName(name)) return invalidInput(`${field}.name`, `1 to ${mostName} characters on one line`);
    if (uri !== null && !isUri(uri)) return invalidInput(`${field}.uri`, 'an https, urn or ipfs URI');
    if (!/^[0-9a-f]{64}$/.test(sha256))
      return invalidInput(`${field}.sha256`, 'SHA-256 as 64 hex digits in lower case');
    if (evidence.findIndex((other) => other.sha256 === sha256) < i)
      return invalidInput(`${field}.sha256`, 'another than those before it');
  }
  return null;
}

const checkPoints = (field: string, points: bigint): InvalidInput | null =>
  points >= 1n && points <= mostPoints ? null : invalidInput(field, '1 to 100,000,000');

/** The first fault of an act's own values, whatever the case is; or null. */
export function checkAct(act: CaseActInput): InvalidInput | null {
  if (!isStatement(act.statement))
    return invalidInput('input.statement', `1 to ${mostStatement} characters that say why`);
  switch (act.type) {
    case 'OPEN':
      return checkEvidence(act.evidence, 1) ?? checkPoints('input.disputedPoints', act.disputed);
    case 'UPHOLD':
      return checkPoints('input.points', act.points);
    case 'APPEAL':
      return checkEvidence(act.evidence, 0);
    case 'FREEZE':
    case 'CONFIRM':
    case 'DISMISS':
    case 'REJECT_APPEAL':
    case 'OVERTURN':
      return null;
  }
}

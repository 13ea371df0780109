import type { Clock } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { isLabel } from '../text.ts';
import { textsFault } from './message-fault.ts';
import type { WarmTexts } from './warm-message.ts';

/** What a merchant wrote for its rewards of a category, at one revision. */
export interface WrittenLine {
  readonly merchantId: string;
  readonly category: string;
  /** From 1 on. */
  readonly revision: number;
  /** Null for a line that was withdrawn. */
  readonly texts: WarmTexts | null;
  readonly setAt: Date;
}

/** A line that members are told. */
export interface LineInForce extends WrittenLine {
  readonly texts: WarmTexts;
}

/** What a merchant sends. */
export interface SetWarmLineInput {
  readonly idempotencyKey: string;
  readonly category: string;
  readonly texts: WarmTexts | null;
}

/** What setting a line needs. */
export interface SetWarmLinePorts {
  readonly lineByRequest: (
    caller: string,
    idempotencyKey: string,
  ) => Promise<{ line: WrittenLine; request: RequestRecord } | null>;
  readonly linesInForce: (merchantId: string) => Promise<readonly LineInForce[]>;
  readonly latestLine: (merchantId: string, category: string) => Promise<WrittenLine | null>;
  /** Adds a revision in place of those before. Throws Taken on `warm_lines_revision` or `warm_lines_request`. */
  readonly insertLine: (line: WrittenLine, request: RequestRecord) => Promise<void>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

/** The merchant has as many lines as it may. */
export interface TooManyWarmLines {
  readonly kind: 'TooManyWarmLines';
  readonly limit: number;
}

/** What came of it. */
export type SetWarmLineOutcome =
  | { readonly kind: 'WarmLineSet'; readonly line: WrittenLine }
  | InvalidInput
  | IdempotencyConflict
  | TooManyWarmLines;

/** Most lines of a merchant, one a category. */
export const mostWarmLines = 20;

/** Most times a line is revised: every revision is kept. */
const mostRevisions = 1_000;

const fields = { 'zh-CN': 'zhCN', en: 'en' } as const;

function check(input: SetWarmLineInput): InvalidInput | null {
  const fault = checkKey(input.idempotencyKey);
  if (fault) return fault;
  if (!isLabel(input.category, 60)) return invalidInput('input.category', '1 to 60 characters');
  const wrong = input.texts && textsFault(input.texts);
  return wrong && invalidInput(`input.texts.${fields[wrong.locale]}`, wrong.expected);
}

/** Sets, replaces or withdraws what a merchant's members read on their statement when they got a reward of a category. */
export async function setWarmLine(
  caller: string,
  merchantId: string,
  input: SetWarmLineInput,
  ports: SetWarmLinePorts,
): Promise<SetWarmLineOutcome> {
  const request = requestOf(caller, input);
  const before = await ports.lineByRequest(caller, input.idempotencyKey);
  if (before?.request.inputHash === request.inputHash) return { kind: 'WarmLineSet', line: before.line };
  const fault = check(input);
  if (fault) return fault;
  if (before) return idempotencyConflict(input.idempotencyKey);
  const last = await ports.latestLine(merchantId, input.category);
  const inForce = await ports.linesInForce(merchantId);
  const others = inForce.filter(({ category }) => category !== input.category);
  if ((input.texts && others.length >= mostWarmLines) || (last?.revision ?? 0) >= mostRevisions)
    return { kind: 'TooManyWarmLines', limit: mostWarmLines };
  const { category, texts } = input;
  const revision = (last?.revision ?? 0) + 1;
  const line: WrittenLine = { merchantId, category, revision, texts, setAt: ports.clock.now() };
  try {
    await ports.inTransaction(() => ports.insertLine(line, request));
    return { kind: 'WarmLineSet', line };
  } catch (error) {
    if (!isTaken(error, 'warm_lines_request') && !isTaken(error, 'warm_lines_revision')) throw error;
    return setWarmLine(caller, merchantId, input, ports);
  }
}

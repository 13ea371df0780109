import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { answer, type CommandDefinition } from './context.ts';

/** The fail points that are switched on, by name. */
export type FailPoints = Map<string, FailPoint>;

interface FailPoint {
  /** How many more commands fail; infinite for `alwaysOn`. */
  remaining: number;
  /** How many pass before. */
  skip: number;
  readonly data: Document;
}

/** What an armed fail point does to a command. */
export interface Failure {
  readonly close: boolean;
  readonly error: ServerError | undefined;
  readonly writeConcernError: Document | undefined;
}

const KNOWN = new Set(['failCommand']);

/** Consults `failCommand` before a command: may wait, and says how the command is to fail, if it is. */
export async function failingPoint(
  points: FailPoints,
  name: string,
  command: Document,
): Promise<Failure | undefined> {
  const point = points.get('failCommand');
  if (point === undefined || name === 'configureFailPoint' || !covers(point.data, name, command))
    return undefined;
  if (point.skip > 0) {
    point.skip--;
    return undefined;
  }
  if (point.remaining <= 0) return undefined;
  point.remaining--;
  const { data } = point;
  if (data['blockConnection'])
    await new Promise((resolve) => setTimeout(resolve, Number(data['blockTimeMS'] ?? 0)));
  const labels = data['errorLabels'] as string[] | undefined;
  const code = data['errorCode'] === undefined ? undefined : Number(data['errorCode']);
  const error =
    code === undefined
      ? undefined
      : new ServerError(
          code,
          `Failing command via 'failCommand' failpoint`,
          labels && { errorLabels: labels },
        );
  return { close: data['closeConnection'] === true, error, writeConcernError: data['writeConcernError'] };
}

function covers(data: Document, name: string, command: Document): boolean {
  const names = data['failCommands'] as string[] | undefined;
  const appName = data['appName'];
  if (data['namespace'] !== undefined && data['namespace'] !== `${command['$db']}.${command[name]}`)
    return false;
  return appName === undefined && (names?.includes(name) ?? false);
}

/** `configureFailPoint`: `{ mode: 'off' | 'alwaysOn' | { times } | { skip }, data }`; only where tests switched it on. */
export const configureFailPoint: CommandDefinition = {
  fields: ['mode', 'data'],
  run: ({ engine, command }) => {
    const points = engine.failpoints;
    const name = String(command['configureFailPoint']);
    if (points === undefined) throw new ServerError(59, "no such command: 'configureFailPoint'");
    if (!KNOWN.has(name)) throw new ServerError(2, `no such failpoint: ${name}`);
    const mode = command['mode'] as string | Document;
    if (mode === 'off') points.delete(name);
    else points.set(name, { data: command['data'] ?? {}, ...countOf(mode) });
    return answer({ ok: 1 });
  },
};

function countOf(mode: string | Document): { remaining: number; skip: number } {
  if (mode === 'alwaysOn') return { remaining: Number.POSITIVE_INFINITY, skip: 0 };
  if (typeof mode === 'object' && mode['times'] !== undefined)
    return { remaining: Number(mode['times']), skip: 0 };
  if (typeof mode === 'object' && mode['skip'] !== undefined) {
    return { remaining: Number.POSITIVE_INFINITY, skip: Number(mode['skip']) };
  }
  throw new ServerError(9, 'failpoint mode must be off, alwaysOn, { times } or { skip }');
}

const RETRYABLE = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Adds the labels by which drivers decide to repeat: on retryable writes, and in transactions. */
export function labelForFailure(body: Document, command: Document, name: string): Document {
  const code = body['code'] as number;
  if (body['errorLabels'] !== undefined) return body;
  const inTransaction = command['autocommit'] === false;
  const ends = name === 'commitTransaction' || name === 'abortTransaction';
  if (inTransaction && !ends && (RETRYABLE.has(code) || code === 112 || code === 251)) {
    return { ...body, errorLabels: ['TransientTransactionError'] };
  }
  if (RETRYABLE.has(code) && (ends || (command['txnNumber'] !== undefined && !inTransaction))) {
    return { ...body, errorLabels: ['RetryableWriteError'] };
  }
  return body;
}

import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { checkFields } from './arguments.ts';
import { answer, type CommandDefinition } from './context.ts';

/** The fail points that are switched on, by name. */
export type FailPoints = Map<string, FailPoint>;

/** One fail point that is switched on. */
export interface FailPoint {
  /** How many more times it strikes; infinite for `alwaysOn`. */
  remaining: number;
  /** How many times it passes before. */
  skip: number;
  /** How likely it strikes when it could. */
  readonly probability: number;
  /** How often it struck. */
  struck: number;
  readonly data: Document;
}

/** The fail points that there are, and the `data` that each takes. */
const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'failCommand',
    new Set([
      'failCommands',
      'appName',
      'namespace',
      'errorCode',
      'errorLabels',
      'writeConcernError',
      'closeConnection',
      'blockConnection',
      'blockTimeMS',
    ]),
  ],
  ['onPrimaryTransactionalWrite', new Set(['closeConnection', 'failBeforeCommitExceptionCode'])],
]);

/** Whether a fail point strikes now. Asking counts. */
export function strikes(point: FailPoint): boolean {
  if (point.remaining <= 0) return false;
  if (point.skip > 0) {
    point.skip--;
    return false;
  }
  if (point.probability < 1 && Math.random() >= point.probability) return false;
  point.remaining--;
  point.struck++;
  return true;
}

/**
 * `configureFailPoint`: `{ mode, data }`, only where tests switched it on. The mode is `off`, `alwaysOn`, `{ times }`,
 * `{ skip }` or `{ activationProbability }`. Answers how often the fail point that was set before has struck.
 */
export const configureFailPoint: CommandDefinition = {
  fields: ['mode', 'data'],
  run: ({ engine, command, db }) => {
    const points = engine.failpoints;
    const name = String(command['configureFailPoint']);
    if (points === undefined) throw new ServerError(59, "no such command: 'configureFailPoint'");
    if (db !== 'admin')
      throw new ServerError(13, 'configureFailPoint may only be run against the admin database.');
    const known = KNOWN.get(name);
    if (known === undefined) throw new ServerError(2, `no such failpoint: ${name}`);
    const data = (command['data'] ?? {}) as Document;
    checkFields(data, 'configureFailPoint.data', known);
    const before = points.get(name);
    const mode = modeOf(command['mode']);
    if (mode === undefined) points.delete(name);
    else points.set(name, { data, struck: 0, ...mode });
    return answer({ count: before?.struck ?? 0, ok: 1 });
  },
};

function modeOf(mode: unknown): Pick<FailPoint, 'remaining' | 'skip' | 'probability'> | undefined {
  const always = { remaining: Number.POSITIVE_INFINITY, skip: 0, probability: 1 };
  if (mode === 'off') return undefined;
  if (mode === 'alwaysOn') return always;
  const { times, skip, activationProbability } = (mode ?? {}) as Document;
  if (times !== undefined) return { ...always, remaining: Number(times) };
  if (skip !== undefined) return { ...always, skip: Number(skip) };
  const probability = Number(activationProbability);
  if (probability >= 0 && probability <= 1) return { ...always, probability };
  throw new ServerError(
    9,
    'failpoint mode must be off, alwaysOn, { times }, { skip } or { activationProbability }',
  );
}

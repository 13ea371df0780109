import type { Document } from 'bson';
import { collectionOperations } from './collection-operations.ts';
import { driverOptions } from './common-options.ts';
import { type Entities, entity, type TestSession } from './entities.ts';
import { assertExpectedError } from './expected-error.ts';
import { assertMatch, type Level, type MatchScope } from './matching.ts';
import {
  bucketOperations,
  changeStreamOperations,
  clientOperations,
  databaseOperations,
  openChangeStream,
  sessionOperations,
} from './other-operations.ts';
import { Mismatch, NotApplicable } from './outcome.ts';
import { type RunnerTarget, runnerOperations } from './runner-operations.ts';
import type { SpecOperation } from './spec-file.ts';

/** The steps whose results are documents that a cursor gave out one by one. */
const ITERATED = new Set([
  'aggregate',
  'find',
  'listCollections',
  'listDatabases',
  'listIndexes',
  'runCursorCommand',
]);

/**
 * Runs one step, checks its result or error, and hands back the error if there was one. An error that the step does
 * not expect is thrown on as it is.
 */
export async function runOperation(target: RunnerTarget, operation: SpecOperation): Promise<unknown> {
  const { entities } = target;
  let result: unknown;
  try {
    result = await perform(target, operation);
  } catch (error) {
    if (error instanceof Mismatch || error instanceof NotApplicable) throw error;
    if (operation.ignoreResultAndError) return error;
    if (operation.expectError === undefined) throw error;
    assertExpectedError(operation.expectError, error, scopeOf(entities));
    return error;
  }
  if (operation.ignoreResultAndError) return undefined;
  if (operation.expectError) throw new Mismatch(`${operation.name} should fail and did not`);
  if ('expectResult' in operation) {
    assertMatch(
      operation.expectResult,
      result,
      scopeOf(entities),
      levelOf(operation, result),
      operation.name,
    );
  }
  if (operation.saveResultAsEntity) entities.values.set(operation.saveResultAsEntity, result);
  return undefined;
}

function levelOf({ name }: SpecOperation, result: unknown): Level {
  if (!Array.isArray(result)) return 'root';
  return ITERATED.has(name) ? 'iterated' : 'nested';
}

/** What the special operators of expectations may refer to. */
export function scopeOf(entities: Entities): MatchScope {
  return {
    lsidOf: (name) => entity(entities.sessions, name).lsid,
    valueOf: (name) => entity(entities.values, name),
  };
}

async function perform(target: RunnerTarget, operation: SpecOperation): Promise<unknown> {
  const { name, object } = operation;
  const { entities } = target;
  if (object === 'testRunner') {
    return known(runnerOperations, name, 'the runner')(target, operation.arguments ?? {});
  }
  if (name === 'createChangeStream') return createChangeStream(target, operation);
  const args = resolved(entities, operation.arguments);
  const session = entities.sessions.get(object);
  if (session && name === 'withTransaction') return withTransaction(target, session, args);
  if (session) return known(sessionOperations, name, 'a session')(session, args);
  const collection = entities.collections.get(object);
  if (collection) return known(collectionOperations, name, 'a collection')(collection, args);
  const database = entities.databases.get(object);
  if (database) return known(databaseOperations, name, 'a database')(database, args);
  const bucket = entities.buckets.get(object);
  if (bucket) return known(bucketOperations, name, 'a bucket')(bucket, args);
  const stream = entities.changeStreams.get(object);
  if (stream) return known(changeStreamOperations, name, 'a change stream')(stream, args);
  return known(clientOperations, name, 'a client')(entity(entities.clients, object).client, args);
}

function known<T>(operations: Readonly<Record<string, T>>, name: string, object: string): T {
  const found = operations[name];
  if (found === undefined)
    throw new NotApplicable(`there is no operation '${name}' of ${object}, in the driver or in the runner`);
  return found;
}

function resolved(entities: Entities, args: Document = {}): Document {
  const { session, ...options } = driverOptions(args);
  return session ? { ...options, session: entity(entities.sessions, session).session } : options;
}

/** The driver has to see the errors of the callback's steps, whether the test expects them or not. */
async function withTransaction(
  target: RunnerTarget,
  { session }: TestSession,
  { callback, ...options }: Document,
): Promise<void> {
  await session.withTransaction(async () => {
    for (const operation of callback as SpecOperation[]) {
      const error = await runOperation(target, operation);
      if (error) throw error;
    }
  }, options);
}

async function createChangeStream({ entities }: RunnerTarget, operation: SpecOperation): Promise<void> {
  const { object } = operation;
  const source =
    entities.collections.get(object) ??
    entities.databases.get(object) ??
    entity(entities.clients, object).client;
  const stream = await openChangeStream(source, resolved(entities, operation.arguments));
  if (operation.saveResultAsEntity) entities.changeStreams.set(operation.saveResultAsEntity, stream);
}

import type { Document } from 'bson';
import mongoose from 'mongoose';
import { assertMatch, type MatchScope, show } from './matching.ts';
import { Mismatch, NotApplicable } from './outcome.ts';

const { MongoServerError, MongoError, MongoBulkWriteError } = mongoose.mongo;

type Check = (wanted: never, error: Error, scope: MatchScope) => boolean | undefined;

/** One check for each assertion that a step may make about its error. */
const checks: Readonly<Record<string, Check>> = {
  isError: () => true,
  isClientError: (wanted: boolean, error) => error instanceof MongoServerError !== wanted,
  isTimeoutError: (wanted: boolean, error) => (error.name === 'MongoOperationTimeoutError') === wanted,
  errorContains: (wanted: string, error) => error.message.toLowerCase().includes(wanted.toLowerCase()),
  errorCode: (wanted: number, error) => wanted === (error as Error & Document)['code'],
  errorCodeName: (wanted: string, error) =>
    wanted.toLowerCase() === String((error as Error & Document)['codeName']).toLowerCase(),
  errorLabelsContain: (wanted: string[], error) => wanted.every((label) => hasLabel(error, label)),
  errorLabelsOmit: (wanted: string[], error) => !wanted.some((label) => hasLabel(error, label)),
  errorResponse: (wanted: Document, error, scope) => {
    assertMatch(wanted, (error as Error & Document)['errorResponse'], scope, 'root', 'errorResponse');
    return true;
  },
  expectResult: (wanted: unknown, error, scope) => {
    const result =
      error instanceof MongoBulkWriteError ? error.result : (error as Error & Document)['result'];
    assertMatch(wanted, result, scope, 'root', 'the result in the error');
    return true;
  },
};

/** Fails with `Mismatch` unless the error is as the step expects. */
export function assertExpectedError(expected: Document, error: unknown, scope: MatchScope): void {
  if (!(error instanceof Error)) throw new Mismatch(`an error expected, ${show(error)} thrown`);
  for (const [name, wanted] of Object.entries(expected)) {
    const check = checks[name];
    if (check === undefined) throw new NotApplicable(`the runner does not check '${name}' of errors`);
    if (!check(wanted as never, error, scope))
      throw new Mismatch(`${name} ${show(wanted)} expected, but the error is ${describe(error)}`);
  }
}

function hasLabel(error: Error, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

function describe(error: Error): string {
  const { code, codeName, errorLabels } = error as Error & Document;
  return `${error.name} ${show({ code, codeName, errorLabels })}: ${error.message}`;
}

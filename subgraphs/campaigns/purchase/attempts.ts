import { type Attempt, lingersSince, mayArrive } from '../../shared/attempt.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import type { SagaState } from './purchase.ts';

/** Runs work in one transaction. */
export type Transaction = <T>(work: () => Promise<T>) => Promise<T>;

/** The end of a purchase or return is not known yet: the same request sent again, or the sweeper, brings it about. */
export class Unsettled extends Error {
  override name = 'Unsettled';
}

/** A purchase or return, as far as attempts to post it go. */
interface Attempted {
  readonly id: string;
  readonly state: SagaState;
  readonly attempts?: readonly Attempt[];
}

/** Where records are kept with the attempts to post them. */
export interface AttemptStore<R extends Attempted> {
  byId(id: string): Promise<R | null>;
  /** Keeps an attempt with a pending record and forgets those of before `since`. False if it is not pending any more. */
  beginAttempt(id: string, attempt: Attempt, since: Date): Promise<boolean>;
  /** Forgets an attempt that was answered or never sent. */
  endAttempt(id: string, attemptId: string): Promise<void>;
}

/** What making attempts needs. */
export interface AttemptPorts {
  readonly transaction: Transaction;
  readonly clock: Clock;
  readonly newId: NewId;
  /** True if an error says that what was sent certainly never arrived and never will. */
  readonly wasNeverSent: (error: unknown) => boolean;
}

/** An attempt that begins now. */
export const newAttempt = ({ clock, newId }: Pick<AttemptPorts, 'clock' | 'newId'>): Attempt => ({
  id: newId('att'),
  at: clock.now(),
});

/** Begins an attempt to post a record. Gives the record instead if that is done; throws Unsettled if it was undone. */
export async function beginAttempt<R extends Attempted>(
  ports: AttemptPorts,
  store: AttemptStore<R>,
  id: string,
): Promise<{ readonly attempt: Attempt } | { readonly done: R }> {
  const attempt = newAttempt(ports);
  if (await store.beginAttempt(id, attempt, lingersSince(attempt.at))) return { attempt };
  const done = await store.byId(id);
  if (done?.state !== 'RECORDED') throw new Unsettled(`${id} was undone meanwhile`);
  return { done };
}

/** Asks the ledger in an attempt. */
export async function askLedger<T>(
  { wasNeverSent }: AttemptPorts,
  store: Pick<AttemptStore<never>, 'endAttempt'>,
  id: string,
  attempt: Attempt,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (wasNeverSent(error)) await store.endAttempt(id, attempt.id);
    throw error;
  }
}

/**
 * Undoes in one transaction a record that the ledger turned down in an attempt. Gives the record if another attempt got
 * it posted, else null. While another one can still arrive the refusal proves nothing: the record stays pending, and
 * Unsettled is thrown.
 */
export async function undoRefused<R extends Attempted>(
  { transaction, clock }: AttemptPorts,
  store: AttemptStore<R>,
  id: string,
  attempt: Attempt,
  undo: () => Promise<void>,
): Promise<R | null> {
  const left = await transaction(async () => {
    const record = await store.byId(id);
    if (record?.state !== 'PENDING') return record;
    if (mayArrive(record.attempts ?? [], attempt.id, clock.now())) return record;
    await undo();
    return null;
  });
  if (left?.state !== 'PENDING') return left;
  await store.endAttempt(id, attempt.id);
  throw new Unsettled(`${id}: an earlier attempt may still arrive`);
}

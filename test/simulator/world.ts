import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import mongoose from 'mongoose';
import { type Caller, callerKey } from '../../subgraphs/shared/caller.ts';
import { makeSigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import type { TestMongo } from '../support/mongo.ts';
import { subgraphClient } from '../support/subgraph-client.ts';
import type { Fault } from './faults.ts';
import { type Hook, openHook } from './hook.ts';
import { type Call, openLink } from './link.ts';
import {
  bury,
  countedIds,
  forget,
  type LiveProcess,
  type ProcessName,
  startProcess,
  takeTurns,
} from './processes.ts';
import { openRecords, type Records } from './records.ts';
import type { Moment, Write } from './wire.ts';
import { noteWrite, nothingWritten, type Written } from './written.ts';

// biome-ignore lint/suspicious/noExplicitAny: a step reads just what it asked for, and compares the values.
export type Read = any;

/** Two processes of accounts on one database and the rewards-catalogue on another, under a clock that moves only when told. */
export interface World {
  /** Milliseconds. */
  now: number;
  /** The data that a process answers, or null where no answer or no good one came. */
  ask(name: ProcessName, caller: Caller, operation: string, variables?: object): Promise<Read>;
  /** What came last in place of a good answer: for whoever did not expect that. */
  readonly trouble: string;
  /** Reads what the processes wrote. */
  readonly records: Records;
  /** What the processes have written since this was last asked. */
  wroteSince(): Written;
  /** The number in the newest id. */
  newestId(): string;
  /** Lets a fault happen to what comes next; `others` is what is done past it, where it is the fault that something is. */
  provoke(fault: Fault, others?: () => Promise<void>): void;
  /** Holds the next request at a moment of accounts, while something is done with the other process of accounts. */
  hold(moment: Moment, meanwhile: () => Promise<void>): void;
  /** Ends the fault, and what was begun past it, and starts again what died of it. */
  calm(): Promise<void>;
  /** The calls of the catalogue that are still on their way. */
  takeLate(): readonly Call[];
  /** Lets one of them arrive; gives what accounts answers, and what it answered to it before. */
  arrive(call: Call): Promise<{ readonly now: Read; readonly before: Read }>;
  /** Kills a process between two of its instructions, whatever it is doing, and starts it again. */
  restart(name: ProcessName): Promise<void>;
  /** Lets both processes do what they do now and then; accounts may die at one of its writes. */
  sweep(diesAtWrite: number | null): Promise<void>;
  /** Lets a process of accounts seal what days are over, and then one do so again; the first may die at one of its writes. */
  seal(diesAtWrite: number | null): Promise<void>;
  /** Where accounts tells a merchant what happened. */
  readonly hook: Hook;
  /** Lets both processes of accounts hand on what happened, at once; before that one may die of it. */
  deliver(diesAtWrite: number | null): Promise<void>;
  stop(): Promise<void>;
}

/** As long as a process is held for another at most, should that wait for something else than the database's refusal. */
const mostHeldMs = 10_000;

/** Starts a world on databases of its own, with accounts and catalogue running. */
export async function startWorld(mongo: TestMongo, startAt: number): Promise<World> {
  const run = randomUUID().slice(0, 8);
  const databases = { accounts: mongo.database(`${run}-a`), catalogue: mongo.database(`${run}-c`) };
  const key = callerKey(randomUUID());
  const [link, hook] = [await openLink(key), await openHook()];
  const database = await mongoose.createConnection(mongo.uri).asPromise();
  const world = { now: startAt, trouble: '' };
  const clock = { now: () => new Date(world.now) };
  const { newId, newest } = countedIds();
  let written = nothingWritten();
  const around = {
    mongo,
    databases,
    key,
    signingKey: makeSigningKey(),
    link,
    clock,
    newId,
    onWrite: (name: ProcessName, write: Write) => noteWrite(written, name, write),
  };
  const live = {
    accounts: [await startProcess('accounts', around, true), await startProcess('accounts', around)],
    catalogue: [await startProcess('catalogue', around, true)],
  };
  const { turnOf, take, pin } = takeTurns(live);
  link.target = () => live.accounts[take('accounts')]!.server.url;
  const sweepAll = async () => {
    await live.accounts[take('accounts')]!.server.sweep();
    await live.catalogue[0]!.server.sweep();
  };
  link.sweep = sweepAll;

  const ask: World['ask'] = async (name, caller, operation, variables) => {
    const { server, wire } = live[name][take(name)]!;
    const answer = subgraphClient(server.url, around.key)
      .ask(caller, operation, variables)
      .then(
        ({ data, errors }) => {
          if (errors.some(({ extensions }) => extensions.code === 'GRAPHQL_VALIDATION_FAILED'))
            throw new Error(errors[0]!.message);
          if (errors.length > 0) world.trouble = JSON.stringify(errors);
          return errors.length > 0 ? null : (data ?? null);
        },
        (error: Error) => {
          world.trouble = String(error.cause ?? error);
          return null;
        },
      );
    return Promise.race([answer, wire.ended.then(() => null)]);
  };
  let burials: Promise<void> = Promise.resolve();
  const died = (process: LiveProcess): void => {
    burials = burials.then(() => (process.isDead ? undefined : bury(process, database)));
  };
  let pastIt: (() => Promise<void>) | null = null;
  const calm = async () => {
    link.plan(null);
    await burials;
    for (const name of ['accounts', 'catalogue'] as const)
      for (const [i, { wire, isDead }] of live[name].entries()) {
        wire.disarm();
        if (isDead) live[name][i] = await startProcess(name, around);
      }
    const begun = pastIt;
    pastIt = null;
    await begun?.();
  };
  const hold = (moment: Moment, meanwhile: () => Promise<void>): void => {
    const turn = turnOf('accounts');
    const other = live.accounts.length - 1 - turn;
    let work: Promise<void> | null = null;
    const begin = () => (work ??= pin(other, meanwhile));
    // What waits for what is held is refused by the database, and tries again when that has gone on.
    live.accounts[turn]!.wire.hold(moment, async () => {
      const conflict = live.accounts[other]!.wire.conflict();
      await Promise.race([begin(), conflict, after(mostHeldMs, undefined, { ref: false })]);
    });
    pastIt = begin;
  };
  const handOn = async ({ server }: LiveProcess): Promise<void> => {
    await server.relayEvents!();
    await server.sendWebhooks!();
  };
  const workOf = (work: 'SWEEP' | 'DELIVER' | 'SEAL') => async (): Promise<void> => {
    if (work === 'SWEEP') return sweepAll();
    const process = live.accounts[take('accounts')]!;
    return work === 'SEAL' ? process.server.seal!() : handOn(process);
  };
  const die = (name: ProcessName, death: { write: number; when: 'before' | 'after' }): void => {
    const process = live[name][turnOf(name)]!;
    process.wire.arm(death);
    void process.wire.ended.then(() => died(process));
  };
  const dieOf = async (write: number, work: (process: LiveProcess) => Promise<void>): Promise<void> => {
    die('accounts', { write, when: 'before' });
    const process = live.accounts[turnOf('accounts')]!;
    await Promise.race([work(process), process.wire.ended]);
    await calm();
  };
  return Object.assign(world, {
    ask,
    calm,
    records: openRecords(database, databases),
    hook,
    newestId: newest,
    wroteSince: () => {
      const did = written;
      written = nothingWritten();
      return did;
    },
    hold,
    provoke: (fault: Fault, others?: () => Promise<void>) => {
      if (fault.kind === 'DEATH') die(fault.of, fault);
      if (fault.kind === 'LINK') link.plan(fault);
      if (fault.kind === 'MEANWHILE') hold(fault, workOf(fault.work));
      if (fault.kind === 'TWINS' && fault.past && others) hold(fault.past, others);
    },
    takeLate: link.takeLate,
    arrive: link.arrive,
    restart: async (name: ProcessName) => {
      died(live[name][turnOf(name)]!);
      await calm();
    },
    sweep: async (diesAtWrite: number | null) => {
      if (diesAtWrite !== null) await dieOf(diesAtWrite, ({ server }) => server.sweep());
      await sweepAll();
    },
    seal: async (diesAtWrite: number | null) => {
      if (diesAtWrite !== null) await dieOf(diesAtWrite, ({ server }) => server.seal!());
      await live.accounts[take('accounts')]!.server.seal!();
    },
    deliver: async (diesAtWrite: number | null) => {
      if (diesAtWrite !== null) await dieOf(diesAtWrite, handOn);
      await Promise.all(live.accounts.map(handOn));
    },
    stop: async () => {
      await burials;
      for (const process of [...live.catalogue, ...live.accounts]) {
        process.isDead = true;
        await process.server.stop();
        forget(process);
        process.wire.cut();
      }
      await burials;
      await link.stop();
      await hook.stop();
      for (const name of [databases.accounts, `${databases.accounts}-keys`, databases.catalogue])
        await database.getClient().db(name).dropDatabase();
      await database.destroy();
    },
  });
}

import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { type RunningAccounts, startAccounts } from '../../subgraphs/accounts/start.ts';
import { startRewardsCatalogue } from '../../subgraphs/rewards-catalogue/start.ts';
import { type Caller, type CallerKey, callerKey } from '../../subgraphs/shared/caller.ts';
import { createLog } from '../../subgraphs/shared/log.ts';
import { makeSigningKey, type SigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import type { SweepingServer } from '../../subgraphs/shared/subgraph-server.ts';
import { plainMemberIds } from '../support/member-ids.ts';
import type { TestMongo } from '../support/mongo.ts';
import { subgraphClient } from '../support/subgraph-client.ts';
import { type Hook, openHook } from './hook.ts';
import { type Link, openLink } from './link.ts';
import { openRecords, type Records } from './records.ts';
import type { Fault } from './steps.ts';
import { openWire, type Wire } from './wire.ts';

/** The processes that a simulation kills. */
export type ProcessName = 'accounts' | 'catalogue';

// biome-ignore lint/suspicious/noExplicitAny: a step reads just what it asked for, and compares the values.
export type Read = any;

interface LiveProcess {
  readonly wire: Wire;
  readonly server: SweepingServer & Partial<Pick<RunningAccounts, 'seal' | 'relayEvents' | 'sendWebhooks'>>;
  isDead: boolean;
}

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
  /** Which of the processes have written anything since this was last asked. */
  wroteSince(): ReadonlySet<ProcessName>;
  /** The number in the newest id. */
  newestId(): string;
  /** Lets a fault happen to what comes next. */
  provoke(fault: Fault): void;
  /** Ends the fault, and starts again what died of it. */
  calm(): Promise<void>;
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

const never = 2_000_000_000;

/** Ids that grow as they are made and are the same in each run: what orders by id orders by creation. */
function countedIds() {
  let made = 0;
  const number = () => String(made).padStart(12, '0');
  return {
    newest: number,
    newId: (prefix: string): string => {
      made++;
      return `${prefix}_${number()}`;
    },
  };
}

/**
 * Whose turn it is among processes of one name, which looks like chance and is the same in each run; it stays one's turn until
 * it is taken, so that who is to die of the next request can be told before it is sent.
 */
function takeTurns(live: Record<ProcessName, readonly LiveProcess[]>) {
  const drawn = { accounts: 1, catalogue: 1 };
  const turnOf = (name: ProcessName): number => (drawn[name] >>> 16) % live[name].length;
  const take = (name: ProcessName): number => {
    const turn = turnOf(name);
    drawn[name] = (Math.imul(drawn[name], 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return turn;
  };
  return { turnOf, take };
}

/** Everything that is the same for all processes of a world. */
interface Surroundings {
  readonly mongo: TestMongo;
  readonly databases: Record<ProcessName, string>;
  readonly key: CallerKey;
  readonly signingKey: SigningKey;
  readonly link: Link;
  readonly clock: { now(): Date };
  readonly newId: (prefix: string) => string;
  readonly onWrite: (name: ProcessName) => void;
}

/** Starts a process; the first of its name builds the indexes, later ones find them there, as all starts of one release do. */
async function startProcess(
  name: ProcessName,
  around: Surroundings,
  buildsIndexes = false,
): Promise<LiveProcess> {
  const { mongo, databases, key, link, clock, newId } = around;
  const wire = await openWire(mongo.uri, () => around.onWrite(name));
  const common = {
    uri: wire.uri,
    database: databases[name],
    ...{
      key,
      memberIds: plainMemberIds,
      clock,
      newId,
      host: '127.0.0.1',
      port: 0,
      log: createLog('simulated', 'silent'),
    },
    sweepEveryMs: never,
    buildsIndexes,
  };
  if (name === 'accounts') {
    const server = await startAccounts({
      ...common,
      ...{ signingKey: around.signingKey, sealEveryMs: never },
      webhooks: { allowLoopback: true, random: () => 0.5 },
    });
    return { wire, server, isDead: false };
  }
  const server = await startRewardsCatalogue({ ...common, accountsUrl: link.url, resumeAfterMs: -1 });
  return { wire, server, isDead: false };
}

/** Ends what a process holds open to the database; mongoose would keep all of its models for as long as we live. */
function forget(dead: LiveProcess): void {
  for (const connection of [...mongoose.connections])
    if (connection.port === dead.wire.port) connection.destroy(true).catch(() => {});
}

/**
 * What is left of a process when it has died: nothing that it holds open, and nothing more that it says or writes. The
 * database would end its open transactions by itself, but only after a while.
 */
async function bury(dead: LiveProcess, database: mongoose.Connection): Promise<void> {
  dead.isDead = true;
  dead.wire.cut();
  forget(dead);
  dead.server.stop().catch(() => {});
  await database.db!.admin().command({ killAllSessions: [] });
}

/** Starts a world on databases of its own, with accounts and catalogue running. */
export async function startWorld(mongo: TestMongo, startAt: number): Promise<World> {
  const run = randomUUID().slice(0, 8);
  const databases = { accounts: mongo.database(`${run}-a`), catalogue: mongo.database(`${run}-c`) };
  const [link, hook] = [await openLink(), await openHook()];
  const database = await mongoose.createConnection(mongo.uri).asPromise();
  const world = { now: startAt, trouble: '' };
  const clock = { now: () => new Date(world.now) };
  const { newId, newest } = countedIds();
  let wrote = new Set<ProcessName>();
  const around = {
    mongo,
    databases,
    key: callerKey(randomUUID()),
    signingKey: makeSigningKey(),
    link,
    clock,
    newId,
    onWrite: (name: ProcessName) => void wrote.add(name),
  };
  const live = {
    accounts: [await startProcess('accounts', around, true), await startProcess('accounts', around)],
    catalogue: [await startProcess('catalogue', around, true)],
  };
  const { turnOf, take } = takeTurns(live);
  link.target = () => live.accounts[take('accounts')]!.server.url;

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
  const calm = async () => {
    link.plan(null);
    await burials;
    for (const name of ['accounts', 'catalogue'] as const)
      for (const [i, { wire, isDead }] of live[name].entries()) {
        wire.disarm();
        if (isDead) live[name][i] = await startProcess(name, around);
      }
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
      const did = wrote;
      wrote = new Set();
      return did;
    },
    provoke: (fault: Fault) => {
      if (fault.kind === 'DEATH') die(fault.of, fault);
      if (fault.kind === 'LINK') link.plan(fault);
    },
    restart: async (name: ProcessName) => {
      died(live[name][turnOf(name)]!);
      await calm();
    },
    sweep: async (diesAtWrite: number | null) => {
      if (diesAtWrite !== null) await dieOf(diesAtWrite, ({ server }) => server.sweep());
      await live.accounts[take('accounts')]!.server.sweep();
      await live.catalogue[0]!.server.sweep();
    },
    seal: async (diesAtWrite: number | null) => {
      if (diesAtWrite !== null) await dieOf(diesAtWrite, ({ server }) => server.seal!());
      await live.accounts[take('accounts')]!.server.seal!();
    },
    deliver: async (diesAtWrite: number | null) => {
      const handOn = async ({ server }: LiveProcess): Promise<void> => {
        await server.relayEvents!();
        await server.sendWebhooks!();
      };
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

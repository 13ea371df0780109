import mongoose from 'mongoose';
import { type RunningAccounts, startAccounts } from '../../subgraphs/accounts/start.ts';
import { startRewardsCatalogue } from '../../subgraphs/rewards-catalogue/start.ts';
import type { CallerKey } from '../../subgraphs/shared/caller.ts';
import { createLog } from '../../subgraphs/shared/log.ts';
import type { SigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import type { SweepingServer } from '../../subgraphs/shared/subgraph-server.ts';
import { plainMemberIds } from '../support/member-ids.ts';
import type { TestMongo } from '../support/mongo.ts';
import type { Link } from './link.ts';
import { openWire, type Wire, type Write } from './wire.ts';

/** The processes that a simulation kills. */
export type ProcessName = 'accounts' | 'catalogue';

/** A process that runs, or has died. */
export interface LiveProcess {
  readonly wire: Wire;
  readonly server: SweepingServer & Partial<Pick<RunningAccounts, 'seal' | 'relayEvents' | 'sendWebhooks'>>;
  isDead: boolean;
}

const never = 2_000_000_000;

/** Ids that grow as they are made and are the same in each run: what orders by id orders by creation. */
export function countedIds() {
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
export function takeTurns(live: Record<ProcessName, readonly LiveProcess[]>) {
  const drawn = { accounts: 1, catalogue: 1 };
  let pinned: number | null = null;
  const turnOf = (name: ProcessName): number => (drawn[name] >>> 16) % live[name].length;
  const take = (name: ProcessName): number => {
    if (name === 'accounts' && pinned !== null) return pinned;
    const turn = turnOf(name);
    drawn[name] = (Math.imul(drawn[name], 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return turn;
  };
  /** Makes it one process's turn of accounts for as long as some work takes. */
  const pin = async (turn: number, work: () => Promise<void>): Promise<void> => {
    pinned = turn;
    await work();
    pinned = null;
  };
  return { turnOf, take, pin };
}

/** Everything that is the same for all processes of a world. */
export interface Surroundings {
  readonly mongo: TestMongo;
  readonly databases: Record<ProcessName, string>;
  readonly key: CallerKey;
  readonly signingKey: SigningKey;
  readonly link: Link;
  readonly clock: { now(): Date };
  readonly newId: (prefix: string) => string;
  readonly onWrite: (name: ProcessName, write: Write) => void;
}

/** Starts a process; the first of its name builds the indexes, later ones find them there, as all starts of one release do. */
export async function startProcess(
  name: ProcessName,
  around: Surroundings,
  buildsIndexes = false,
): Promise<LiveProcess> {
  const { mongo, databases, key, link, clock, newId } = around;
  const wire = await openWire(mongo.uri, (write) => around.onWrite(name, write));
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
export function forget(dead: LiveProcess): void {
  for (const connection of [...mongoose.connections])
    if (connection.port === dead.wire.port) connection.destroy(true).catch(() => {});
}

/**
 * What is left of a process when it has died: nothing that it holds open, and nothing more that it says or writes. The
 * database would end its open transactions by itself, but only after a while.
 */
export async function bury(dead: LiveProcess, database: mongoose.Connection): Promise<void> {
  dead.isDead = true;
  dead.wire.cut();
  forget(dead);
  dead.server.stop().catch(() => {});
  await database.db!.admin().command({ killAllSessions: [] });
}

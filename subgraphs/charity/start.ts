import type { Connection } from 'mongoose';
import { readSubgraphSchema } from '../../schema/subgraphs.ts';
import type { Caller, CallerKey } from '../shared/caller.ts';
import { defineSubgraphEvents, type SubgraphEvents } from '../shared/events/subgraph-events.ts';
import type { Clock, NewId } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import type { MemberIds } from '../shared/member-ids.ts';
import { buildIndexes, connectMongo } from '../shared/mongo.ts';
import { createServiceClient } from '../shared/service-client.ts';
import { closing, stopAll } from '../shared/stop-all.ts';
import { type RunningServer, startSubgraphServer } from '../shared/subgraph-server.ts';
import { type Sweeper, startSweeper } from '../shared/sweeper.ts';
import { createAccountsPort } from './accounts-client.ts';
import { createCauseLoader } from './cause/cause-loaders.ts';
import type { Context, Ports } from './context.ts';
import { resumeDonations } from './donation/resume-donations.ts';
import { eventHandlers } from './event-handlers.ts';
import { createPledgeLoaders } from './matching/pledge-loaders.ts';
import { createPorts } from './ports.ts';
import { resolvers } from './resolvers.ts';
import { charitySubscriptions } from './subscriptions.ts';

/** What charity is started with. */
export interface StartCharityOptions {
  readonly uri: string;
  /** The database's name; charity uses no other. */
  readonly database: string;
  readonly key: CallerKey;
  /** How merchants know members. */
  readonly memberIds: MemberIds;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** Where accounts answers GraphQL. */
  readonly accountsUrl: string;
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** How often donations left behind are carried on; 2 seconds by default. */
  readonly sweepEveryMs?: number;
}

const contextOf =
  (ports: Ports) =>
  (caller: Caller): Context => ({
    caller,
    ports,
    causes: createCauseLoader(ports.causes),
    pledges: createPledgeLoaders(ports.pledges),
  });

const sweepDonations = (ports: Ports, everyMs: number): Sweeper =>
  startSweeper({
    name: 'donations',
    everyMs,
    log: ports.log,
    work: () =>
      resumeDonations(ports, (id, err) => ports.log.warn({ err, donation: id }, 'donation not carried on')),
  });

const defineEvents = (options: StartCharityOptions, connection: Connection): SubgraphEvents =>
  defineSubgraphEvents({
    ...{
      connection,
      key: options.key,
      log: options.log,
      clock: options.clock,
      everyMs: options.sweepEveryMs,
    },
    service: 'charity',
    subscriptions: charitySubscriptions,
    urlOf: (subgraph) => (subgraph === 'accounts' ? options.accountsUrl : null),
  });

/** Starts charity: connects, builds indexes, resumes donations left behind and serves. `stop()` undoes all of it. */
export async function startCharity(options: StartCharityOptions): Promise<RunningServer> {
  const { uri, database, key, memberIds, host, port, log, accountsUrl } = options;
  const connection = await connectMongo(uri, database);
  const client = createServiceClient({ service: 'charity', url: accountsUrl, key });
  try {
    const kindOf = async (causeId: string) => (await ports.causes.find(causeId))?.kind ?? null;
    const accounts = createAccountsPort(client, kindOf);
    const events = defineEvents(options, connection);
    const ports: Ports = createPorts({ ...options, connection, accounts, outbox: events.outbox });
    await buildIndexes(connection);
    const server = await startSubgraphServer({
      typeDefs: readSubgraphSchema('charity'),
      resolvers,
      createContext: contextOf(ports),
      ready: () => connection.db!.command({ ping: 1 }),
      takeEvents: events.intake(eventHandlers(ports)),
      ...{ key, memberIds, host, port, log },
    });
    const sweeper = sweepDonations(ports, options.sweepEveryMs ?? 2_000);
    const relay = events.start();
    const stop = () => stopAll([server], [sweeper, relay], [closing(client)], [closing(connection)]);
    return { ...server, stop };
  } catch (error) {
    await Promise.allSettled([client.close(), connection.close()]);
    throw error;
  }
}

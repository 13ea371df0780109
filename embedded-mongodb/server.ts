import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Engine } from './commands/context.ts';
import { dropCursorsOf, sweepCursors } from './commands/cursors.ts';
import { SET_NAME } from './commands/handshake.ts';
import { forgetSnapshots } from './commands/snapshot-reads.ts';
import { sweepExpired } from './commands/ttl.ts';
import { openStore } from './storage/open-store.ts';
import { restoreSession, type Session, sweepSessions } from './transactions/sessions.ts';
import { serveConnection } from './wire/connection.ts';

/** Where the server says what it does; pino fits. */
export interface EmbeddedLogger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** How an embedded server is started. */
export interface EmbeddedMongoOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Defaults to loopback. The server has no users and no passwords: think twice before naming another. */
  readonly host?: string;
  /** Where data is kept; without one it is lost when the server stops. */
  readonly dataFolder?: string;
  /** How many bytes the journal may outgrow twice its content before it is written anew; 32 MiB when absent. */
  readonly journalSlackBytes?: number;
  /** Lets clients set fail points. For tests. */
  readonly failpoints?: boolean;
  /** Clients beyond this many connections are cut off at once; 2,000 when absent. */
  readonly maxConnections?: number;
  readonly logger?: EmbeddedLogger;
}

/** A running embedded server. */
export interface EmbeddedMongo {
  /** A connection string with which transactions and retryable writes work. */
  readonly uri: string;
  readonly port: number;
  /** Closes all connections and, when data is kept, finishes writing it. */
  stop(): Promise<void>;
}

const MAX_CONNECTIONS = 2_000;
const SWEEP_MS = 1_000;
const EXPIRE_EVERY = 5;

/** A production system must not stand on this by accident: it has no users, no replicas, and all data in memory. */
function refuseProduction(): void {
  const { NODE_ENV, ALLOW_EMBEDDED_MONGODB } = process.env;
  if (NODE_ENV === 'production' && ALLOW_EMBEDDED_MONGODB !== 'yes')
    throw new Error(
      'the embedded MongoDB does not start where NODE_ENV is production: set MONGODB_URI to a real one, or ALLOW_EMBEDDED_MONGODB=yes',
    );
}

/** Starts an embedded server. Fails under NODE_ENV=production unless allowed, with EADDRINUSE when the port is taken, with `DataFolderError` over its folder. */
export async function startEmbeddedMongo(options: EmbeddedMongoOptions = {}): Promise<EmbeddedMongo> {
  refuseProduction();
  const sessions = new Map<string, Session>();
  const logger = options.logger ?? console;
  const hooks = {
    session: (id: string, state: Uint8Array | undefined) => {
      if (state) restoreSession(sessions, id, state);
      else sessions.delete(id);
    },
    failed: (error: unknown) => {
      // What was acknowledged is safe; what was not must not be acknowledged or read. Only ending does that.
      logger.error(
        `the embedded database cannot write its journal and ends (${(error as Error).message}); all that was acknowledged is kept: make room in ${options.dataFolder}, or see to its disk, and start it again`,
      );
      process.exit(70);
    },
    warn: (message: string) => logger.warn(message),
  };
  const store = await openStore(options.dataFolder, hooks, options.journalSlackBytes);
  let address = '';
  const engine: Engine = {
    store,
    sessions: { store, byId: sessions },
    cursors: new Map(),
    snapshots: new Map(),
    failpoints: options.failpoints ? new Map() : undefined,
    address: () => address,
    startedAt: new Date(),
    connections: { current: 0, total: 0 },
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => accept(engine, sockets, socket));
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.on('drop', () => logger.warn(`a connection was refused: ${server.maxConnections} are open already`));
  const host = options.host ?? '127.0.0.1';
  const port = await listen(server, options.port ?? 0, host).catch(async (error: unknown) => {
    await store.journal.close();
    throw error;
  });
  address = `${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host}:${port}`;
  const sweeper = startSweeper(engine);
  return {
    uri: `mongodb://${address}/?replicaSet=${SET_NAME}&directConnection=true`,
    port,
    stop: async () => {
      clearInterval(sweeper);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await store.journal.close();
    },
  };
}

function accept(engine: Engine, sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  engine.connections.current++;
  engine.connections.total++;
  socket.on('close', () => {
    sockets.delete(socket);
    engine.connections.current--;
  });
  serveConnection(engine, socket, engine.connections.total);
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A connection that could not be accepted, for want of file handles say, is its client's loss alone.
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function startSweeper(engine: Engine): NodeJS.Timeout {
  let round = 0;
  const timer = setInterval(() => {
    const now = Date.now();
    sweepSessions(engine.sessions, now, (id) => dropCursorsOf(engine.cursors, id));
    sweepCursors(engine.cursors, now);
    forgetSnapshots(engine.store, engine.snapshots, now);
    if (++round % EXPIRE_EVERY === 0) sweepExpired(engine.store, now);
  }, SWEEP_MS);
  timer.unref();
  return timer;
}

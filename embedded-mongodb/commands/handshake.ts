import { Binary, type Document, Int32, Long, ObjectId } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { MAX_DOCUMENT_BYTES } from '../storage/record.ts';
import { SESSION_TIMEOUT_MINUTES } from '../transactions/sessions.ts';
import { MAX_MESSAGE_BYTES } from '../wire/framing.ts';
import { answer, type CommandContext, type CommandDefinition } from './context.ts';

/** The name of the one-node replica set; without one, drivers offer no transactions and no retryable writes. */
export const SET_NAME = 'embedded';
const VERSION = '7.0.0';
const MAX_WIRE_VERSION = 21;
const electionId = new ObjectId('7fffffff0000000000000001');

function helloReply({ engine, connection }: CommandContext): Document {
  const address = engine.address();
  return {
    isWritablePrimary: true,
    secondary: false,
    setName: SET_NAME,
    setVersion: 1,
    electionId,
    hosts: [address],
    primary: address,
    me: address,
    lastWrite: { lastWriteDate: new Date(), majorityWriteDate: new Date() },
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: SESSION_TIMEOUT_MINUTES,
    connectionId: connection.id,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

/** `hello`, with which a driver learns what it talks to. */
export const hello: CommandDefinition = {
  fields: [],
  anyFields: true,
  run: (context) => answer(helloReply(context)),
};

/** `isMaster`, the same under its old name. */
export const isMaster: CommandDefinition = {
  fields: [],
  anyFields: true,
  run: (context) => answer({ ismaster: true, helloOk: true, ...helloReply(context) }),
};

/** `ping`. */
export const ping: CommandDefinition = { fields: [], run: () => answer({ ok: 1 }) };

/** `buildInfo`, which says plainly that this is not MongoDB. */
export const buildInfo: CommandDefinition = {
  fields: [],
  run: () =>
    answer({
      version: VERSION,
      versionArray: [7, 0, 0, 0],
      gitVersion: 'embedded',
      modules: ['embedded-server-for-development'],
      allocator: 'v8',
      javascriptEngine: 'none',
      sysInfo: `Node.js ${process.version}`,
      bits: 64,
      debug: false,
      maxBsonObjectSize: MAX_DOCUMENT_BYTES,
      storageEngines: ['embedded'],
      ok: 1,
    }),
};

/** `connectionStatus`: nobody is authenticated, because the server has no users. */
export const connectionStatus: CommandDefinition = {
  fields: ['showPrivileges'],
  run: () => answer({ authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 }),
};

const PARAMETERS: Readonly<Record<string, unknown>> = {
  featureCompatibilityVersion: { version: '7.0' },
  transactionLifetimeLimitSeconds: 60,
  ttlMonitorSleepSecs: 5,
  enableTestCommands: false,
};

/** `getParameter`. */
export const getParameter: CommandDefinition = {
  fields: ['allParameters', ...Object.keys(PARAMETERS)],
  run: ({ command }) => {
    const all = command['getParameter'] === '*';
    const names = Object.keys(PARAMETERS).filter((name) => all || command[name] !== undefined);
    if (names.length === 0) throw new ServerError(72, 'no option found to get');
    return answer({ ...Object.fromEntries(names.map((name) => [name, PARAMETERS[name]])), ok: 1 });
  },
};

/** `serverStatus`, as far as monitoring tools and tests read it. */
export const serverStatus: CommandDefinition = {
  fields: ['repl', 'metrics', 'locks', 'tcmalloc'],
  run: ({ engine }) => {
    const memory = process.memoryUsage();
    const uptime = Math.floor((Date.now() - engine.startedAt.getTime()) / 1000);
    return answer({
      host: engine.address(),
      version: VERSION,
      process: 'embedded-mongodb',
      pid: Long.fromNumber(process.pid),
      uptime,
      localTime: new Date(),
      connections: { current: engine.connections.current, totalCreated: engine.connections.total },
      mem: {
        bits: 64,
        resident: Math.round(memory.rss / 1048576),
        virtual: Math.round(memory.heapTotal / 1048576),
      },
      repl: { setName: SET_NAME, isWritablePrimary: true, hosts: [engine.address()] },
      storageEngine: { name: 'embedded', persistent: true },
      cursors: { open: engine.cursors.size },
      logicalSessionRecordCache: { activeSessionsCount: engine.sessions.byId.size },
      ok: 1,
    });
  },
};

/** `whatsmyuri`, which shells ask for. */
export const whatsmyuri: CommandDefinition = {
  fields: [],
  run: ({ connection }) => answer({ you: connection.remote, ok: 1 }),
};

/** `startSession` gives out a session id. */
export const startSession: CommandDefinition = {
  fields: [],
  run: () =>
    answer({
      id: { id: new Binary(crypto.getRandomValues(Buffer.alloc(16)), 4) },
      timeoutMinutes: new Int32(SESSION_TIMEOUT_MINUTES),
      ok: 1,
    }),
};

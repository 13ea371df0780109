import mongoose, { type mongo } from 'mongoose';

const { BSON } = mongoose.mongo;

/** A command that a store sends, as far as it says what to look for. */
interface Query {
  readonly database: string;
  /** What `explain` takes. */
  readonly command: mongo.BSON.Document;
  /** A query of the same shape looks for other values in the same way. */
  readonly shape: string;
}

const kinds = ['find', 'aggregate', 'count', 'distinct', 'update', 'delete', 'findAndModify'] as const;

/** What a plan depends on, and what a command is none without; neither sessions nor transactions. */
const explained = [
  ...['filter', 'query', 'sort', 'limit', 'skip', 'projection', 'pipeline', 'key', 'collation', 'hint'],
  ...['update', 'remove', 'upsert', 'arrayFilters'],
];

/** What a query is with types in the place of values, each kind of element of a list once. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((one) => JSON.stringify(shapeOf(one))))];
  if (value === null || typeof value !== 'object' || '_bsontype' in value || value instanceof Date)
    return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

function partsOf(name: (typeof kinds)[number], command: mongo.BSON.Document): mongo.BSON.Document[] {
  const base = { [name]: command[name] };
  const list = `${name}s`;
  // The driver keeps statements as they go over the wire.
  if (name === 'update' || name === 'delete')
    return (command[list].documents ?? command[list]).map((one: object) => ({ ...base, [list]: [one] }));
  const kept = explained.flatMap((field) => (field in command ? [[field, command[field]]] : []));
  return [{ ...base, ...Object.fromEntries(kept), ...(name === 'aggregate' ? { cursor: {} } : {}) }];
}

/** Stages of a plan, the plan itself first. */
function stagesOf(plan: unknown): mongo.BSON.Document[] {
  if (plan === null || typeof plan !== 'object') return [];
  const inner = Object.values(plan).flatMap(stagesOf);
  return 'stage' in plan ? [plan, ...inner] : inner;
}

/** What a command looks for. */
function conditionsOf({ filter, query, pipeline, updates, deletes }: mongo.BSON.Document): object {
  const statement = updates?.[0] ?? deletes?.[0];
  return statement?.q ?? filter ?? query ?? pipeline?.[0]?.$match ?? {};
}

const names = (conditions: unknown, field: string): boolean =>
  conditions !== null &&
  typeof conditions === 'object' &&
  Object.entries(conditions).some(([key, inner]) => key === field || names(inner, field));

/**
 * Whether a stage of a command's plan goes through the whole collection, or through the whole of an index because the command
 * says nothing of its first field. An index that has only some rows is meant to be read so.
 */
function readsAll({ stage, keyPattern, isPartial }: mongo.BSON.Document, command: object): boolean {
  if (stage !== 'IXSCAN') return stage === 'COLLSCAN';
  const [first] = Object.keys(keyPattern as object);
  return !isPartial && !names(conditionsOf(command), first!);
}

/**
 * Records each shape of query that this process's connections send from now on; connections that are made later are not
 * heard. `check` asks the server for the plan of each, and throws if one looks for some rows and goes through all: of a
 * collection, or of an index without being done after the first so many in its order.
 */
export function recordQueries() {
  const queries = new Map<string, Query>();
  const clients = mongoose.connections
    .filter(({ readyState }) => readyState === mongoose.ConnectionStates.connected)
    .map((connection) => connection.getClient());
  for (const client of clients)
    client.on('commandStarted', ({ commandName, command, databaseName: database }) => {
      const name = kinds.find((kind) => kind === commandName);
      if (!name) return;
      for (const live of partsOf(name, command)) {
        // As the server gets it: what is given to the driver may be documents of ours, and change.
        const part = BSON.deserialize(BSON.serialize(live, { ignoreUndefined: true }), { useBigInt64: true });
        const { [name]: collection, ...rest } = part;
        const shape = JSON.stringify({ [name]: collection, ...(shapeOf(rest) as object) });
        // Who asks for everything gets it whole: that is no fault of a plan.
        if (Object.keys(conditionsOf(part)).length > 0)
          queries.set(shape, { database, command: part, shape });
      }
    });

  return {
    async check(): Promise<void> {
      const found: string[] = [];
      for (const { database, command, shape } of [...queries.values()]) {
        const plan = await clients[0]!.db(database).command({ explain: command, verbosity: 'queryPlanner' });
        const scans = stagesOf(plan).filter((stage) => readsAll(stage, command));
        const ends = Number(command['limit'] ?? 0) > 0 && scans.every(({ stage }) => stage === 'IXSCAN');
        if (scans.length > 0 && !ends) found.push(shape);
      }
      if (found.length > 0) throw new Error(`queries without an index: ${found.sort().join('\n')}`);
    },
  };
}

import { type Document, deserialize } from 'bson';
import type { ProcessName } from './processes.ts';
import type { Write } from './wire.ts';

/** What processes sent the database to write, over some time; a transaction may have taken it back. */
export interface Written {
  readonly by: Set<ProcessName>;
  /** Ids of the documents in these collections. */
  readonly lots: Set<string>;
  readonly keys: Set<string>;
  /** Messages that told of something, and ids of what was taken out again as everybody had been told of it. */
  readonly told: Buffer[];
  readonly handedOn: Set<string>;
  /** What was to be done to a collection that is only ever added to, and was not adding to it. */
  readonly rewrites: string[];
}

/** Nothing so far. */
export const nothingWritten = (): Written => ({
  by: new Set(),
  lots: new Set(),
  keys: new Set(),
  told: [],
  handedOn: new Set(),
  rewrites: [],
});

type Ids = 'lots' | 'keys' | 'handedOn';

/** Writes whose ids are kept, by collection and command. */
const watched: Readonly<Record<string, Ids>> = {
  'ledger-lots insert': 'lots',
  'ledger-lots update': 'lots',
  'ledger-keys insert': 'keys',
  'outbox delete': 'handedOn',
};

/** Collections whose documents are never changed and never go. */
const addedTo = new Set(['ledger-postings', 'ledger-seals', 'ledger-keys']);

/** The documents of the sections of an OP_MSG that follow its body, and then those that are in the body. */
function* statementsOf(message: Buffer): Generator<Document> {
  const hasChecksum = (message.readUInt32LE(16) & 1) === 1;
  const end = message.length - (hasChecksum ? 4 : 0);
  const bodyEnd = 21 + message.readInt32LE(21);
  for (let at = bodyEnd; at < end; at += 1 + message.readInt32LE(at + 1)) {
    let document = message.indexOf(0, at + 5) + 1;
    const sectionEnd = at + 1 + message.readInt32LE(at + 1);
    for (; document < sectionEnd; document += message.readInt32LE(document))
      yield deserialize(message.subarray(document, document + message.readInt32LE(document)));
  }
  const body = deserialize(message.subarray(21, bodyEnd));
  for (const name of ['documents', 'updates', 'deletes']) yield* (body[name] as Document[] | undefined) ?? [];
}

/** The ids that a statement names: of what is inserted, or in the query of anything else. */
function idsIn(statement: Document): string[] {
  const id: unknown = statement['q'] ? (statement['q'] as Document)['_id'] : statement['_id'];
  const some = (id as { $in?: unknown } | undefined)?.$in;
  return [some ?? id].flat().filter((one): one is string => typeof one === 'string');
}

/** Notes a write of a process. */
export function noteWrite(
  written: Written,
  name: ProcessName,
  { command, collection, message }: Write,
): void {
  written.by.add(name);
  if (addedTo.has(collection) && command !== 'insert') written.rewrites.push(`${command} of ${collection}`);
  const ids = watched[`${collection} ${command}`];
  if (ids)
    for (const statement of statementsOf(message)) for (const id of idsIn(statement)) written[ids].add(id);
  if (collection === 'outbox' && command === 'insert') written.told.push(message);
}

/** What was told and handed on so soon that it is in no outbox any more. */
export const handedOnAtOnce = ({ told, handedOn }: Pick<Written, 'told' | 'handedOn'>): Document[] =>
  handedOn.size === 0
    ? []
    : told.flatMap((message) => [...statementsOf(message)].filter((event) => handedOn.has(event['_id'])));

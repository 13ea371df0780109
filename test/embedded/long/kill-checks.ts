import type { Document } from 'bson';
import { type RawClient, rawClient } from '../wire/raw-client.ts';
import { type Ledger, WRITERS } from './kills.ts';

const INDEXES: Readonly<Record<string, readonly Document[]>> = {
  singles: [{ key: { mod: 1, _id: -1 }, name: 'mod' }],
  counters: [{ key: { key: 1 }, name: 'key' }],
  parts: [{ key: { number: 1, part: 1 }, name: 'number', unique: true }],
  numbers: [],
};

function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a.slice(0, 500)} instead of ${b.slice(0, 500)}`);
}

/** Repeats what was not answered, and compares what is there with what was answered. Makes the indexes on a first start. */
export async function checkAfterKill(uri: string, ledger: Ledger): Promise<void> {
  const client = await rawClient(uri);
  for (const [name, indexes] of Object.entries(INDEXES)) {
    const command = indexes.length > 0 ? { createIndexes: name, indexes } : { create: name };
    same(`setting up ${name}`, (await client.command({ ...command, $db: 'k' }))['ok'], 1);
  }
  for (const { message, settle } of ledger.unanswered.splice(0)) settle(await client.command(message));
  const contents = new Map<string, Document[]>();
  for (const name of Object.keys(INDEXES)) contents.set(name, await checkIndexes(client, name));
  checkSingles(contents.get('singles') ?? [], ledger);
  checkTransactions(contents, ledger);
  const counters = new Map((contents.get('counters') ?? []).map((one) => [one['_id'], one['n']]));
  for (let writer = 0; writer < WRITERS; writer++)
    same(`counter ${writer}`, counters.get(writer) ?? 0, ledger.counted[writer]);
  client.close();
}

/** All documents of a collection; the same by every index as without one. */
async function checkIndexes(client: RawClient, name: string): Promise<Document[]> {
  const byScan = await readAll(client, { find: name, hint: { $natural: 1 } });
  const ids = (docs: readonly Document[]): number[] =>
    docs.map((one) => Number(one['_id'])).sort((a, b) => a - b);
  for (const { name: hint } of [{ name: '_id_' }, ...(INDEXES[name] as Document[])])
    same(
      `${name} by ${hint}`,
      ids(await readAll(client, { find: name, hint, projection: { _id: 1 } })),
      ids(byScan),
    );
  const some = byScan[byScan.length >> 1];
  if (some) {
    const found = await readAll(client, { find: name, filter: { _id: some['_id'] } });
    same(`${name} by _id`, found, [some]);
    const twice = await client.command({ insert: name, documents: [some], $db: 'k' });
    same(`${name} a second time`, twice['writeErrors']?.[0].code, 11000);
  }
  return byScan;
}

async function readAll(client: RawClient, command: Document): Promise<Document[]> {
  let reply = await client.command({ ...command, $db: 'k' });
  const docs: Document[] = [];
  for (;;) {
    if (reply['ok'] !== 1) throw new Error(`reading failed: ${JSON.stringify(reply)}`);
    docs.push(...(reply['cursor'].firstBatch ?? reply['cursor'].nextBatch));
    const { id } = reply['cursor'];
    if (Number(id) === 0) return docs;
    reply = await client.command({ getMore: id, collection: command['find'], $db: 'k' });
  }
}

function checkSingles(docs: readonly Document[], ledger: Ledger): void {
  const there = new Set(docs.map((one) => one['_id'] as number));
  for (const [id, answered] of ledger.singles)
    if (answered) same(`the answered insert ${id}`, there.has(id), true);
  for (const id of there) same(`the insert ${id} was sent`, ledger.singles.has(id), true);
}

function checkTransactions(contents: ReadonlyMap<string, readonly Document[]>, ledger: Ledger): void {
  const parts = new Map<number, number>();
  for (const { number } of contents.get('parts') ?? []) parts.set(number, (parts.get(number) ?? 0) + 1);
  const numbers = new Map(
    (contents.get('numbers') ?? []).map((one) => [one['_id'] as number, one['size'] as number]),
  );
  same('transactions in part', [...parts].sort(byNumber), [...numbers].sort(byNumber));
  for (const [number, committed] of ledger.transactions)
    same(`transaction ${number}`, numbers.has(number), committed);
  for (const number of numbers.keys())
    same(`transaction ${number} was committed`, ledger.transactions.get(number), true);
}

const byNumber = ([a]: [number, number], [b]: [number, number]): number => a - b;

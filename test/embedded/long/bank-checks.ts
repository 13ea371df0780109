import type { Document } from 'bson';
import { buildIndexes, type OnDuplicate } from '../../../embedded-mongodb/storage/index-building.ts';
import { documentOf } from '../../../embedded-mongodb/storage/record.ts';
import {
  ACCOUNTS,
  ask,
  type Bank,
  Broken,
  type Customer,
  count,
  mustBeOk,
  numbered,
  pass,
  START,
} from './bank.ts';

function same(what: string, actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Broken(`${what}: ${a} instead of ${b}`);
}

const sumOf = (docs: readonly Document[], field: string): number =>
  docs.reduce((sum, doc) => sum + Number(doc[field]), 0);

/** Whatever is seen at one moment adds up: no money made or lost, and each balance is what the transfers say. */
function checkMoment(what: string, accounts: readonly Document[], transfers: readonly Document[]): void {
  same(`${what}: accounts`, accounts.length, ACCOUNTS);
  const keys = transfers.map((one) => Number(one['key']));
  same(`${what}: transfers of one key`, new Set(keys).size, keys.length);
  for (const account of accounts) {
    const id = Number(account['_id']);
    const moved = transfers.reduce((sum, one) => {
      const amount = Number(one['amount']);
      return sum + (Number(one['to']) === id ? amount : 0) - (Number(one['from']) === id ? amount : 0);
    }, START);
    same(`${what}: balance of ${id}`, Number(account['balance']), moved);
  }
}

/** Reads everything twice in one transaction, by different ways and in small batches; all must show one moment. */
export async function audit(bank: Bank, customer: Customer): Promise<void> {
  customer.txnNumber++;
  const own = { ...numbered(customer), autocommit: false };
  const read = async (command: Document, start?: Document): Promise<Document[] | undefined> => {
    let reply = await ask(bank, customer, { ...command, ...own, ...start });
    const docs: Document[] = [];
    for (;;) {
      if (reply['code'] === 251) return undefined;
      mustBeOk(reply);
      const { firstBatch, nextBatch, id } = reply['cursor'];
      docs.push(...(firstBatch ?? nextBatch));
      if (Number(id) === 0) return docs;
      const collection = command['find'] ?? command['aggregate'];
      reply = await ask(bank, customer, { getMore: id, collection, batchSize: 2, ...own });
    }
  };
  const start = { startTransaction: true, readConcern: { level: 'snapshot' } };
  const accounts = await read({ find: 'accounts', batchSize: 2 }, start);
  const transfers = accounts && (await read({ find: 'transfers', batchSize: 3 }));
  const again =
    transfers && (await read({ find: 'accounts', sort: { balance: 1 }, hint: 'balance', batchSize: 2 }));
  const byKey = again && (await read({ find: 'transfers', hint: 'key', filter: { key: { $gte: 0 } } }));
  const pipeline = [{ $group: { _id: null, sum: { $sum: '$balance' } } }];
  const sums = byKey && (await read({ aggregate: 'accounts', pipeline, cursor: {} }));
  if (!sums) return count(bank, 'audits ended');
  count(bank, 'audits');
  checkMoment('snapshot by scanning', accounts, transfers);
  checkMoment('snapshot by index', again, byKey);
  same('sum', sums[0]?.['sum'], ACCOUNTS * START);
  same('touches within a snapshot', sumOf(again, 'touched'), sumOf(accounts, 'touched'));
  await ask(bank, customer, { commitTransaction: 1, ...own, $db: 'admin' });
}

/** What would be left if the power failed now: everything answered, nothing in part. */
export function checkDurable(bank: Bank): void {
  count(bank, 'power failures');
  const kept = bank.journal.durable();
  const transfers = kept.get('bank.transfers') ?? [];
  checkMoment('on disk', kept.get('bank.accounts') ?? [], transfers);
  if (sumOf(kept.get('bank.accounts') ?? [], 'touched') < bank.touches)
    throw new Broken('an answered touch is not on disk');
  const keys = new Set(transfers.map((one) => Number(one['key'])));
  for (const [key, present] of bank.transfers) {
    if (!bank.unsettled.get(key)) same(`transfer ${key} on disk`, keys.has(key), present);
  }
}

/** When all is over: nothing lost, nothing twice, nothing left behind, and the indexes hold what the documents say. */
export async function checkEnd(bank: Bank): Promise<void> {
  const { store, sessions, cursors } = bank.server.engine;
  pass(bank, 61_000);
  for (const session of sessions.byId.values()) same('an open transaction', session.transaction, undefined);
  same('snapshots', [store.snapshots.size, cursors.size], [0, 0]);
  for (const { ns, locks } of store.catalog.values()) same(`locks on ${ns}`, locks.size, 0);
  await store.journal.flushed();
  const contents = contentOf(bank);
  const transfers = contents.get('bank.transfers') ?? [];
  checkMoment('at the end', contents.get('bank.accounts') ?? [], transfers);
  const expected = [...bank.transfers].flatMap(([key, present]) => (present ? [key] : []));
  same('transfers', transfers.map((one) => Number(one['key'])).sort(ascending), expected.sort(ascending));
  same('touches', sumOf(contents.get('bank.accounts') ?? [], 'touched'), bank.touches);
  const seats = [...bank.seats].flatMap(([one, taken]) => (taken ? [one] : []));
  const taken = (contents.get('bank.seats') ?? []).map((one) => Number(one['seat']));
  same('seats', taken.sort(ascending), seats.sort(ascending));
  same('notes', contents.get('bank.notes')?.length ?? 0, bank.figures['notes'] ?? 0);
  for (const [ns, docs] of bank.journal.durable())
    same(`${ns} on disk`, texts(docs), texts(contents.get(ns) ?? []));
  checkIndexes(bank);
}

const ascending = (a: number, b: number): number => a - b;
const texts = (docs: readonly Document[]): string[] => docs.map((doc) => JSON.stringify(doc)).sort();

function contentOf({ server }: Bank): Map<string, Document[]> {
  const { catalog } = server.engine.store;
  return new Map([...catalog].map(([ns, { trees }]) => [ns, [...trees.records.values()].map(documentOf)]));
}

function checkIndexes({ server }: Bank): void {
  for (const { ns, trees } of server.engine.store.catalog.values()) {
    const second: OnDuplicate = ({ name }, key) =>
      new Broken(`index ${name} of ${ns}: two documents at ${key}`);
    const fresh = buildIndexes(
      trees.indexes.map(({ definition }) => definition),
      trees.records,
      second,
    );
    trees.indexes.forEach(({ definition, entries }, i) => {
      same(`index ${definition.name} of ${ns}`, entries.toArray(), fresh[i]!.entries.toArray());
    });
  }
}

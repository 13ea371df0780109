import type { Document } from 'bson';
import {
  ACCOUNTS,
  ask,
  type Bank,
  Broken,
  type Customer,
  count,
  KEYS,
  mustBeOk,
  newCustomer,
  numbered,
  pass,
  SEATS,
} from './bank.ts';

/** Codes by which a transaction says that it was not done and may be tried again. */
const NOT_DONE = new Set([112, 251, 11000]);

class NotDone extends Error {}

/** A command of the customer's transaction. */
async function inside(bank: Bank, customer: Customer, command: Document, first = false): Promise<Document> {
  const start = first ? { startTransaction: true, readConcern: { level: 'snapshot' } } : {};
  const reply = await ask(bank, customer, { ...command, ...numbered(customer), autocommit: false, ...start });
  const code = reply['writeErrors']?.[0].code ?? reply['code'];
  if (code === undefined) return reply;
  if (!NOT_DONE.has(code)) throw new Broken(`${Object.keys(command)[0]}: ${code} ${reply['errmsg']}`);
  count(bank, `refused ${code}`);
  throw new NotDone();
}

const update = (_id: number, balance: number): Document => ({ q: { _id }, u: { $set: { balance } } });

/** Moves money by reading, deciding and writing what was decided, or takes such a move back. */
export async function transfer(bank: Bank, customer: Customer): Promise<void> {
  const { random } = bank;
  const key = random.below(KEYS);
  const from = random.below(ACCOUNTS);
  const to = (from + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
  customer.txnNumber++;
  bank.unsettled.set(key, (bank.unsettled.get(key) ?? 0) + 1);
  try {
    const known = await inside(bank, customer, { find: 'transfers', filter: { key } }, true);
    const [before] = known['cursor'].firstBatch as Document[];
    const back = before && random() < 0.5;
    const move = back
      ? { from: before['to'], to: before['from'], amount: before['amount'] }
      : { from, to, amount: 1 + random.below(9) };
    await moveMoney(bank, customer, move);
    // Without looking whether the key is taken: that is for the unique index to say.
    if (back) await inside(bank, customer, { delete: 'transfers', deletes: [{ q: { key }, limit: 1 }] });
    else await inside(bank, customer, { insert: 'transfers', documents: [{ key, ...move }] });
    await end(bank, customer, key, !back);
  } catch (error) {
    if (!(error instanceof NotDone)) throw error;
  } finally {
    bank.unsettled.set(key, (bank.unsettled.get(key) as number) - 1);
  }
}

async function moveMoney(
  bank: Bank,
  customer: Customer,
  move: { from: number; to: number; amount: number },
): Promise<void> {
  const balanceOf = async (_id: number): Promise<number> => {
    const found = await inside(bank, customer, { find: 'accounts', filter: { _id } });
    return found['cursor'].firstBatch[0].balance;
  };
  const [a, b] = [await balanceOf(move.from), await balanceOf(move.to)];
  const updates = [update(move.from, a - move.amount), update(move.to, b + move.amount)];
  // One record changed twice: the two steps do not add up to what it does to the index.
  if (bank.random() < 0.3) updates.unshift(update(move.from, -1 - move.amount), update(move.to, -1));
  if (bank.random() < 0.5) await inside(bank, customer, { update: 'accounts', updates });
  else for (const one of updates) await inside(bank, customer, { update: 'accounts', updates: [one] });
}

/** Commits mostly; or aborts, goes away, is killed, or lets the time run out. */
async function end(bank: Bank, customer: Customer, key: number, present: boolean): Promise<void> {
  const finish = { ...numbered(customer), autocommit: false, $db: 'admin' };
  const choice = bank.random();
  if (choice >= 0.3) return commit(bank, customer, finish, key, present);
  if (choice < 0.1) {
    count(bank, 'aborted');
    await ask(bank, customer, { abortTransaction: 1, ...finish });
  } else if (choice < 0.16) {
    count(bank, 'connection lost');
    customer.connection.close();
    customer.connection = bank.server.connect();
    pass(bank, 4_000);
  } else if (choice < 0.22) {
    count(bank, 'session killed');
    await ask(bank, newCustomer(bank), { killSessions: [customer.lsid], $db: 'admin' });
  } else if (choice < 0.26) {
    count(bank, 'timed out');
    pass(bank, 61_000);
  } else {
    count(bank, 'left open');
    customer.txnNumber++;
    const next = { ...numbered(customer), autocommit: false };
    await ask(bank, customer, { find: 'accounts', ...next, startTransaction: true });
    await ask(bank, customer, { abortTransaction: 1, ...next, $db: 'admin' });
  }
  const late = await ask(bank, customer, { commitTransaction: 1, ...finish });
  if (late['ok'] === 1) throw new Broken('what had ended was committed');
}

async function commit(
  bank: Bank,
  customer: Customer,
  finish: Document,
  key: number,
  present: boolean,
): Promise<void> {
  const reply = await ask(bank, customer, { commitTransaction: 1, ...finish });
  if (reply['ok'] !== 1) {
    if (!NOT_DONE.has(reply['code'])) throw new Broken(`commit: ${reply['code']} ${reply['errmsg']}`);
    return;
  }
  if (bank.transfers.get(key) === present)
    throw new Broken(`the key ${key} was ${present ? 'given' : 'taken back'} twice`);
  bank.transfers.set(key, present);
  count(bank, 'committed');
  if (bank.random() > 0.2) return;
  count(bank, 'commit repeated');
  mustBeOk(await ask(bank, customer, { commitTransaction: 1, ...finish }));
}

/** Takes a seat, or gives it up, in a transaction that touches nothing else: what only the unique index keeps apart. */
export async function seat(bank: Bank, customer: Customer): Promise<void> {
  const wanted = bank.random.below(SEATS);
  customer.txnNumber++;
  try {
    const found = await inside(bank, customer, { find: 'seats', filter: { seat: wanted } }, true);
    const taken = found['cursor'].firstBatch.length > 0;
    if (taken)
      await inside(bank, customer, { delete: 'seats', deletes: [{ q: { seat: wanted }, limit: 1 }] });
    else await inside(bank, customer, { insert: 'seats', documents: [{ seat: wanted }] });
    const finish = { ...numbered(customer), autocommit: false, $db: 'admin' };
    const reply = await ask(bank, customer, { commitTransaction: 1, ...finish });
    if (reply['ok'] !== 1) return;
    if ((bank.seats.get(wanted) ?? false) !== taken)
      throw new Broken(`the seat ${wanted} was ${taken ? 'given up' : 'taken'} twice`);
    bank.seats.set(wanted, !taken);
    count(bank, 'seats');
  } catch (error) {
    if (!(error instanceof NotDone)) throw error;
  }
}

/** Touches accounts outside transactions; sends some of its messages twice, at once or later. */
export async function touch(bank: Bank, customer: Customer): Promise<void> {
  const { random } = bank;
  customer.txnNumber++;
  const one = random() < 0.7;
  const q = one ? { _id: random.below(ACCOUNTS) } : {};
  const change = { $inc: { touched: 1 } };
  const command =
    one && random() < 0.5
      ? { findAndModify: 'accounts', query: q, update: change, fields: { _id: 1 } }
      : { update: 'accounts', updates: [{ q, u: change, multi: !one }] };
  // Drivers repeat only what changes one document; the server remembers the others too.
  const message = { ...command, ...numbered(customer) };
  const sendings = [ask(bank, customer, message)];
  if (random() < 0.3) sendings.push(ask(bank, { ...customer, connection: bank.server.connect() }, message));
  const replies = await Promise.all(sendings);
  if (random() < 0.2) replies.push(await ask(bank, customer, message));
  const [applied, ...repeated] = replies.map((reply) => appliedBy(mustBeOk(reply)));
  if (repeated.some((again) => again !== applied))
    throw new Broken(`repeated answers differ: ${applied}, ${repeated.join()}`);
  if (repeated.length > 0) count(bank, 'writes repeated');
  bank.touches += applied as number;
}

function appliedBy(reply: Document): number {
  return reply['nModified'] ?? reply['lastErrorObject'].n;
}

/** Inserts and removes notes outside transactions, over a unique key that is mostly taken. */
export async function note(bank: Bank, customer: Customer): Promise<void> {
  const keys = [bank.random.below(KEYS), bank.random.below(KEYS)];
  const documents = keys.map((key) => ({ _id: `n${key}` }));
  const added = await ask(bank, customer, { insert: 'notes', documents, ordered: false });
  const duplicates = (added['writeErrors'] ?? []) as Document[];
  if (added['n'] + duplicates.length !== 2 || duplicates.some(({ code }) => code !== 11000))
    throw new Broken(`of two notes ${added['n']} were added, ${JSON.stringify(duplicates)}`);
  const removed = await ask(bank, customer, {
    delete: 'notes',
    deletes: [{ q: { _id: `n${keys[0]}` }, limit: 0 }],
  });
  count(bank, 'notes', added['n'] - mustBeOk(removed)['n']);
}

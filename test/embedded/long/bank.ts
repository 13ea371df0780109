import type { Document } from 'bson';
import { Long, UUID } from 'bson';
import { dropCursorsOf, sweepCursors } from '../../../embedded-mongodb/commands/cursors.ts';
import { sweepSessions } from '../../../embedded-mongodb/transactions/sessions.ts';
import { type InProcess, inProcess, type LocalConnection } from '../wire/in-process.ts';
import type { Random } from './randomly.ts';
import { type RecordingJournal, recordingJournal } from './recording-journal.ts';

/** Few, so that everybody wants the same ones. */
export const ACCOUNTS = 10;
export const START = 1_000;
/** Few, so that the same key is wanted twice. */
export const KEYS = 10;
export const SEATS = 3;

/** A bank, and what its customers were told. */
export interface Bank {
  readonly server: InProcess;
  readonly journal: RecordingJournal;
  readonly random: Random;
  /** Whether a transfer of that key exists, by the last answer about it. */
  readonly transfers: Map<number, boolean>;
  /** Whether a seat is taken, by the last answer about it. */
  readonly seats: Map<number, boolean>;
  /** Keys about which an answer is on its way. */
  readonly unsettled: Map<number, number>;
  /** Sum of the touches of accounts that were answered. */
  touches: number;
  readonly figures: Record<string, number>;
  over: boolean;
}

/** Something that must never be. */
export class Broken extends Error {}

/** Opens a bank in this process. */
export async function openBank(random: Random): Promise<Bank> {
  const journal = recordingJournal(random);
  const server = inProcess(journal);
  const bank: Bank = {
    server,
    journal,
    random,
    transfers: new Map(),
    seats: new Map(),
    unsettled: new Map(),
    touches: 0,
    figures: {},
    over: false,
  };
  const indexes = [
    { key: { key: 1 }, name: 'key', unique: true },
    { key: { from: 1, amount: -1 }, name: 'from' },
  ];
  const documents = Array.from({ length: ACCOUNTS }, (_, _id) => ({ _id, balance: START, touched: 0 }));
  const setUp: Document[] = [
    { createIndexes: 'transfers', indexes },
    { createIndexes: 'seats', indexes: [{ key: { seat: 1 }, name: 'seat', unique: true }] },
    { createIndexes: 'accounts', indexes: [{ key: { balance: 1 }, name: 'balance' }] },
    { insert: 'accounts', documents },
  ];
  for (const command of setUp) mustBeOk(await server.command({ ...command, $db: 'bank' }));
  return bank;
}

/** A customer: a session, over connections that may be lost. */
export interface Customer {
  readonly lsid: Document;
  txnNumber: number;
  connection: LocalConnection;
}

/** A new customer of the bank. */
export function newCustomer(bank: Bank): Customer {
  return { lsid: { id: new UUID() }, txnNumber: 0, connection: bank.server.connect() };
}

/** The fields by which a command belongs to the customer's present number. */
export function numbered({ lsid, txnNumber }: Customer): Document {
  return { lsid, txnNumber: Long.fromNumber(txnNumber) };
}

/** Sends a command after a random while, in which others do something. */
export async function ask(bank: Bank, { connection }: Customer, command: Document): Promise<Document> {
  for (let turns = bank.random.below(3); turns > 0; turns--) await turn();
  count(bank, 'commands');
  const reply = await connection.command({ ...command, $db: command['$db'] ?? 'bank' });
  if (reply['code'] === 8) throw new Broken(`${Object.keys(command)[0]}: ${reply['errmsg']}`);
  return reply;
}

/** Counts something for the report. */
export function count(bank: Bank, what: string, by = 1): void {
  bank.figures[what] = (bank.figures[what] ?? 0) + by;
}

/** Lets time pass for the server, as its sweeper would. */
export function pass({ server: { engine } }: Bank, ms: number): void {
  const now = Date.now() + ms;
  sweepSessions(engine.sessions, now, (id) => dropCursorsOf(engine.cursors, id));
  sweepCursors(engine.cursors, now);
}

/** Fails unless a command succeeded. */
export function mustBeOk(reply: Document): Document {
  const error = reply['writeErrors']?.[0] ?? reply;
  if (reply['ok'] !== 1 || reply['writeErrors']) throw new Broken(`${error.code}: ${error.errmsg}`);
  return reply;
}

/** A turn of the event loop for everybody else. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import type { Document } from 'bson';
import type { Store } from '../storage/store.ts';
import type { Session, Sessions } from '../transactions/sessions.ts';
import type { Transaction } from '../transactions/transaction.ts';
import type { Writer } from '../transactions/writer.ts';
import type { Reply } from '../wire/reply.ts';
import type { Cursors } from './cursors.ts';
import type { FailPoints } from './failpoints.ts';
import type { KeptSnapshots } from './snapshot-reads.ts';

/** The running server as commands see it. */
export interface Engine {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly cursors: Cursors;
  readonly snapshots: KeptSnapshots;
  readonly failpoints: FailPoints | undefined;
  /** `host:port` as drivers reach it; they trust what hello says. */
  readonly address: () => string;
  readonly startedAt: Date;
  readonly connections: { current: number; total: number };
}

/** What a command knows of the connection it came over. */
export interface ConnectionInfo {
  readonly id: number;
  /** Where the client calls from, `host:port`. */
  readonly remote: string;
  readonly closed: () => boolean;
  /** Closes the connection at once: what is still to be answered will not be. */
  readonly close: () => void;
  /** What the client calls its application, once it has said so. */
  appName: string | undefined;
}

/** One command being run. */
export interface CommandContext {
  readonly engine: Engine;
  readonly connection: ConnectionInfo;
  readonly name: string;
  readonly db: string;
  readonly command: Document;
  readonly sequences: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly session: Session | undefined;
  readonly transaction: Transaction | undefined;
  readonly writer: Writer;
  readonly now: Date;
}

/** How a command is run and where it may be. */
export interface CommandDefinition {
  /** Fields of its own; the generic ones are known. */
  readonly fields: readonly string[];
  readonly run: (context: CommandContext) => Reply | Promise<Reply>;
  /** Takes fields that it does not know, as a real server does for hello. */
  readonly anyFields?: boolean;
  /** May be sent inside a multi-document transaction. */
  readonly inTransaction?: boolean;
  /** Changes data: its answer waits until the journal is on disk. */
  readonly writes?: boolean;
}

/** The reply with just these fields. */
export function answer(body: Document): Reply {
  return { body };
}

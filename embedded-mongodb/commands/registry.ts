import { aggregate } from './aggregate.ts';
import {
  collMod,
  create,
  drop,
  dropDatabase,
  listCollections,
  renameCollectionCommand,
} from './collection-commands.ts';
import type { CommandDefinition } from './context.ts';
import { count, distinct } from './count-distinct.ts';
import { getMore, killCursors } from './cursors.ts';
import { deleteCommand } from './delete.ts';
import { explain } from './explain.ts';
import { configureFailPoint } from './failpoints.ts';
import { find } from './find.ts';
import { findAndModify } from './find-and-modify.ts';
import {
  buildInfo,
  connectionStatus,
  getParameter,
  hello,
  isMaster,
  ping,
  serverStatus,
  startSession,
  whatsmyuri,
} from './handshake.ts';
import { createIndexes, dropIndexes, listIndexes } from './index-commands.ts';
import { insert } from './insert.ts';
import {
  abortTransaction,
  commitTransaction,
  endSessionsCommand,
  killAllSessions,
  refreshSessions,
} from './session-commands.ts';
import { collStats, dbStats, listDatabases } from './statistics.ts';
import { update } from './update.ts';

/** Every command that the server knows, by name. */
export const COMMANDS: ReadonlyMap<string, CommandDefinition> = new Map(
  Object.entries({
    abortTransaction,
    aggregate,
    buildInfo,
    buildinfo: buildInfo,
    collMod,
    collStats,
    commitTransaction,
    configureFailPoint,
    connectionStatus,
    count,
    create,
    createIndexes,
    dbStats,
    delete: deleteCommand,
    deleteIndexes: dropIndexes,
    distinct,
    drop,
    dropDatabase,
    dropIndexes,
    endSessions: endSessionsCommand,
    explain,
    find,
    findAndModify,
    findandmodify: findAndModify,
    getMore,
    getParameter,
    hello,
    insert,
    isMaster,
    ismaster: isMaster,
    killAllSessions,
    killCursors,
    killSessions: endSessionsCommand,
    listCollections,
    listDatabases,
    listIndexes,
    ping,
    refreshSessions,
    renameCollection: renameCollectionCommand,
    serverStatus,
    startSession,
    update,
    whatsmyuri,
  }),
);

import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import type { ConnectionInfo } from './context.ts';
import { labelled } from './error-labels.ts';
import { errorReply } from './error-reply.ts';
import { type FailPoints, strikes } from './failpoints.ts';

/** What `failCommand` does to a command. */
export interface Failure {
  /** The connection is closed instead of the command being run. */
  readonly close: boolean;
  /** Answered instead of the command being run. */
  readonly reply: Document | undefined;
  /** Added to the reply of the command, which is run. */
  readonly addition: Document | undefined;
}

/** Consults `failCommand` before a command: may wait, and says how the command is to fail, if it is. */
export async function failureOf(
  points: FailPoints,
  connection: ConnectionInfo,
  name: string,
  command: Document,
): Promise<Failure | undefined> {
  // A client says who it is in its first command only.
  connection.appName ??= command['client']?.application?.name;
  const point = points.get('failCommand');
  if (point === undefined || name === 'configureFailPoint') return undefined;
  if (!covers(point.data, connection, name, command) || !strikes(point)) return undefined;
  const { blockConnection, blockTimeMS, closeConnection, errorCode, writeConcernError } = point.data;
  if (blockConnection) await new Promise((resolve) => setTimeout(resolve, Number(blockTimeMS ?? 0)));
  return {
    close: closeConnection === true,
    reply:
      errorCode === undefined ? undefined : withLabels(errorOf(Number(errorCode)), point.data, command, name),
    addition: writeConcernError && withLabels({ writeConcernError }, point.data, command, name),
  };
}

function covers(data: Document, connection: ConnectionInfo, name: string, command: Document): boolean {
  const { failCommands, namespace, appName } = data;
  const collection = command[name === 'getMore' ? 'collection' : name];
  if (namespace !== undefined && namespace !== `${command['$db']}.${collection}`) return false;
  if (appName !== undefined && appName !== connection.appName) return false;
  return (failCommands as string[] | undefined)?.includes(name) ?? false;
}

function errorOf(code: number): Document {
  return errorReply(new ServerError(code, "Failing command via 'failCommand' failpoint"));
}

/** Labels that the fail point names take the place of those that the server would have given, even if it names none. */
function withLabels(reply: Document, { errorLabels }: Document, command: Document, name: string): Document {
  return errorLabels === undefined ? labelled(reply, command, name) : { ...reply, errorLabels };
}

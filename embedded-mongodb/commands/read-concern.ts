import { type Document, Timestamp } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { documentField } from './arguments.ts';

const LEVELS = new Set(['local', 'available', 'majority', 'linearizable', 'snapshot']);
/** The commands that read at one moment outside a transaction. */
const SNAPSHOT_READS = new Set(['find', 'aggregate', 'distinct']);

/** Refuses a read concern that does not exist or does not go with the command. */
export function checkReadConcern(command: Document, name: string): void {
  const concern = documentField(command, 'readConcern');
  if (concern === undefined) return;
  const { level } = concern;
  if (level !== undefined && !LEVELS.has(level))
    throw new ServerError(
      9,
      `Enumeration value '${level}' for field 'readConcern.level' is not a valid value.`,
    );
  const inTransaction = command['autocommit'] === false;
  if (level === 'snapshot' && !inTransaction && !SNAPSHOT_READS.has(name))
    throw new ServerError(72, `Command ${name} does not support readConcern snapshot outside a transaction`);
  checkTimes(concern, inTransaction);
}

function checkTimes({ level, atClusterTime, afterClusterTime }: Document, inTransaction: boolean): void {
  if (atClusterTime === undefined) return;
  if (!(atClusterTime instanceof Timestamp))
    throw new ServerError(14, "BSON field 'readConcern.atClusterTime' must be a timestamp");
  if (level !== 'snapshot')
    throw new ServerError(
      72,
      'readConcern atClusterTime field can be set only if level is equal to snapshot',
    );
  if (afterClusterTime !== undefined)
    throw new ServerError(72, 'Can not specify both atClusterTime and afterClusterTime');
  if (inTransaction)
    throw new ServerError(72, 'the embedded server does not support atClusterTime in transactions');
}

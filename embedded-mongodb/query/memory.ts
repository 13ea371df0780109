import { ServerError } from '../bson/errors.ts';
import { bsonType, isObject } from '../bson/value.ts';

/** What one blocking stage or sort may hold, as on a real server that may not use its disk. */
export const memoryLimitBytes = 104_857_600;

/** How much a command lets each of its stages hold: there is no disk to use, so what allows that goes on in memory. */
export const mostBytesOf = (allowDiskUse: boolean): number =>
  allowDiskUse ? Number.POSITIVE_INFINITY : memoryLimitBytes;

/** Takes note of bytes held, or let go when negative. Throws once they are too many. */
export type MemoryAccount = (bytes: number) => void;

/** An account of what something holds, which is refused with 292 or the given code beyond the limit. */
export function memoryAccount(what: string, mostBytes = memoryLimitBytes, code = 292): MemoryAccount {
  let held = 0;
  return (bytes) => {
    held += bytes;
    if (held > mostBytes)
      throw new ServerError(
        code,
        `${what} exceeded memory limit of ${mostBytes} bytes, but did not opt in to external sorting or grouping. Pass allowDiskUse:true to opt in.`,
      );
  };
}

const FIELD_OVERHEAD = 8;

/** About how many bytes a value takes, encoded. */
export function approximateBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + FIELD_OVERHEAD;
  if (Array.isArray(value))
    return value.reduce((sum: number, item) => sum + approximateBytes(item), FIELD_OVERHEAD);
  if (!isObject(value)) return FIELD_OVERHEAD;
  if (bsonType(value) === 'Binary') return (value as { length(): number }).length() + FIELD_OVERHEAD;
  if (bsonType(value) !== undefined || value instanceof Date || value instanceof RegExp)
    return 2 * FIELD_OVERHEAD;
  let sum = FIELD_OVERHEAD;
  for (const key in value) sum += key.length + approximateBytes((value as Record<string, unknown>)[key]);
  return sum;
}

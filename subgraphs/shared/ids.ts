import { createHash, randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

// Asked for in bulk: one call to the system for every id costs more than all the rest of making it.
let pool = randomBytes(14 * 256);
let used = 0;

function fourteenRandomBytes(): Uint8Array {
  if (used === pool.length) {
    pool = randomBytes(pool.length);
    used = 0;
  }
  used += 14;
  return pool.subarray(used - 14, used);
}

/** Makes ids. A port, so that tests and the simulator can give their own. */
export type NewId = (prefix: string) => string;

/** A number in Crockford's base 32, of so many characters. */
function inBase32(number: number, length: number): string {
  let text = '';
  for (let rest = number, i = 0; i < length; i++) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

const mostInMillisecond = 32 * 32;
let last = { time: 0, count: 0 };

/** The place of the next id: a millisecond, and how many ids of it came before. A clock that is set back stands still. */
function nextPlace(): { readonly time: number; readonly count: number } {
  const time = Math.max(Date.now(), last.time);
  const count = time > last.time ? 0 : last.count + 1;
  last = count < mostInMillisecond ? { time, count } : { time: time + 1, count: 0 };
  return last;
}

/**
 * A new id such as `pos_01k9…`, in Crockford's base 32: 10 characters of milliseconds, 2 that count within one, then 70
 * random bits. Those that one process makes sort in the order in which it makes them; of several, to the millisecond.
 */
export const newId: NewId = (prefix) => {
  const { time, count } = nextPlace();
  let tail = '';
  for (const byte of fourteenRandomBytes()) tail += alphabet[byte % 32];
  return `${prefix}_${inBase32(time, 10)}${inBase32(count, 2)}${tail}`;
};

/**
 * By what one merchant knows something that several are told of because they have a member in common: an id of the
 * same kind that follows from both. Ids are random enough that nobody finds one from another merchant's.
 */
export function idAt(merchantId: string, id: string): string {
  const hash = createHash('sha256').update(`${merchantId}\n${id}`).digest('hex');
  return `${id.slice(0, id.indexOf('_'))}_${hash.slice(0, 32)}`;
}

/** Tells the time. A port, so that tests and the simulator can give their own. */
export interface Clock {
  now(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

import { createHash, randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

// Asked for in bulk: one call to the system for every id costs more than all the rest of making it.
let pool = randomBytes(4_096);
let used = 0;

function sixteenRandomBytes(): Uint8Array {
  if (used === pool.length) {
    pool = randomBytes(pool.length);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** Makes ids. A port, so that tests and the simulator can give their own. */
export type NewId = (prefix: string) => string;

/**
 * A new id such as `pos_01k9…`: 10 characters of milliseconds, then 80 random bits, in Crockford's base 32, so ids made
 * later sort later (to the millisecond).
 */
export const newId: NewId = (prefix) => {
  let time = Date.now();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = alphabet[time % 32] + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of sixteenRandomBytes()) tail += alphabet[byte % 32];
  return `${prefix}_${head}${tail}`;
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

import { randomBytes } from 'node:crypto';

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

/** Tells the time. A port, so that tests and the simulator can give their own. */
export interface Clock {
  now(): Date;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

import { Binary, type Document, Long, Timestamp } from 'bson';

let seconds = 0;
let increment = 0;
const NO_SIGNATURE = { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO };

/** The cluster time fields that every reply carries; sessions do not start without them. */
export function clusterFields(): Document {
  const time = nextTime();
  return { $clusterTime: { clusterTime: time, signature: NO_SIGNATURE }, operationTime: time };
}

/** The last time that was given out. */
export function latestTime(): Timestamp {
  return new Timestamp({ t: seconds, i: increment });
}

/** A logical time after every one given before. */
export function nextTime(): Timestamp {
  const now = Math.floor(Date.now() / 1000);
  if (now > seconds) {
    seconds = now;
    increment = 0;
  }
  increment++;
  return new Timestamp({ t: seconds, i: increment });
}

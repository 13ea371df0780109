import type { Clock } from '../../subgraphs/shared/ids.ts';

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  set(instant: string): void;
  advance(amount: { days?: number; hours?: number; seconds?: number; ms?: number }): void;
}

/** A clock that stands at an instant. */
export function testClock(instant = '2026-01-15T08:00:00.000Z'): TestClock {
  let at = Date.parse(instant);
  return {
    now: () => new Date(at),
    set: (next) => {
      at = Date.parse(next);
    },
    advance: ({ days = 0, hours = 0, seconds = 0, ms = 0 }) => {
      at += ((days * 24 + hours) * 3600 + seconds) * 1000 + ms;
    },
  };
}

import { fc } from '../support/properties.ts';

/** A moment of a process between two of its writes. */
const moment = {
  write: fc.integer({ min: 1, max: 7 }),
  when: fc.constantFrom('before' as const, 'after' as const),
};

/** For some other requests to come past one that is held there, or null to let them come as they come. */
export const past = fc.option(fc.record(moment), { freq: 3 });

/** After so many steps. */
const later = fc.integer({ min: 1, max: 12 });

/** What goes wrong between the catalogue and accounts. */
const link = fc.record({
  kind: fc.constant('LINK' as const),
  call: fc.integer({ min: 1, max: 3 }),
  what: fc.constantFrom(
    ...(['REQUEST_LOST', 'ANSWER_LOST', 'SENT_TWICE', 'HELD_UP', 'COPIED', 'SWEPT'] as const),
  ),
  // After how many steps arrives what is late.
  steps: later,
});

/** What goes wrong while a request is under way. */
export const fault = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ kind: 'NONE' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'ANSWER_LOST' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('TWINS' as const),
      count: fc.integer({ min: 2, max: 5 }),
      past,
    }),
  },
  // It arrives late; its sender has given up, or sends it again, at once or later, before or after the first one arrives.
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('HELD_UP' as const),
      steps: later,
      again: fc.constantFrom(null, 0, 0, 3, 8),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('DEATH' as const),
      of: fc.constantFrom('accounts' as const, 'catalogue' as const),
      ...moment,
    }),
  },
  // While it is held between two writes, the other process does what processes do now and then.
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('MEANWHILE' as const),
      // Sealing is dear: see below.
      work: fc.constantFrom(...(['SWEEP', 'SWEEP', 'SWEEP', 'SWEEP', 'DELIVER', 'DELIVER', 'SEAL'] as const)),
      ...moment,
    }),
  },
  { weight: 1, arbitrary: link },
);

/** What goes wrong while a request to the catalogue is under way: half of it between the two. */
export const faultOfTwo = fc.oneof({ weight: 2, arbitrary: fault }, { weight: 1, arbitrary: link });

/** What goes wrong while a request is under way. */
export type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

/** Nothing does. */
export const noFault: Fault = { kind: 'NONE' };

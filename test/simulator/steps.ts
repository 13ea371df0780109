import { fc } from '../support/properties.ts';
import { fault, faultOfTwo, past } from './faults.ts';

const member = fc.nat({ max: 2 });
const merchant = fc.nat({ max: 1 });
const points = fc.integer({ min: 1, max: 150 });
const which = fc.nat({ max: 1_000 });

/** The latest of some things, mostly: a hold is open for some minutes only, a voucher is good for some days. */
const latest = fc.oneof({ weight: 4, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: which });

/** One of four operators. Of who opens a case, the two first or one of two merchants. */
const reviewer = fc.nat({ max: 3 });
const opener = fc.constantFrom('person-0', 'person-1', 0, 1);

/** What is done in cases. */
const caseSteps = [
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('openCase' as const),
      ...{ member, by: opener, points, fault },
      evidence: fc.option(which, { freq: 5 }),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      act: fc.constant('reviewCase' as const),
      ...{ which, by: reviewer, fault },
      freezes: fc.constantFrom(true, true, true, true, false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('confirmCase' as const), which, by: reviewer, fault }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      act: fc.constant('decideCase' as const),
      ...{ which, by: reviewer, fault },
      part: fc.option(which, { freq: 5 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('appealCase' as const), which, fault }) },
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('judgeCase' as const),
      ...{ which, by: reviewer, fault },
      overturns: fc.constantFrom(true, true, false),
    }),
  },
] as const;

/** Mostly one of the two who have a household. */
const relative = fc.constantFrom(0, 0, 0, 1, 1, 1, 2);

const limit = fc.option(fc.integer({ min: 0, max: 250 }));

/** What households do: the first member is the head, the second may belong to it, the third never does. */
const homeSteps = [
  { weight: 6, arbitrary: fc.record({ act: fc.constant('gather' as const), which, fault }) },
  {
    weight: 9,
    arbitrary: fc.record({ act: fc.constant('contribute' as const), member: relative, points, fault }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      act: fc.constant('payPooled' as const),
      member: relative,
      merchant,
      points,
      fault,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('holdPooled' as const),
      member: relative,
      merchant,
      points,
      fault,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('limit' as const),
      member: fc.nat({ max: 1 }),
      ...{ perRedemption: limit, perMonth: limit, fault },
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('role' as const), isChild: fc.boolean(), fault }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('remove' as const), fault }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('leave' as const), member: relative, fault }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('dissolve' as const), member: relative, fault }) },
] as const;

const step = fc.oneof(
  ...caseSteps,
  ...homeSteps,
  {
    weight: 12,
    arbitrary: fc.record({ act: fc.constant('earn' as const), member, merchant, points, fault }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('earnLines' as const),
      member,
      merchant,
      lines: fc.array(points, { minLength: 1, maxLength: 3 }),
      fault,
    }),
  },
  { weight: 6, arbitrary: fc.record({ act: fc.constant('pay' as const), member, merchant, points, fault }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('give' as const), member, to: member, points, fault }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('decline' as const), which, fault }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('donate' as const), member, points, fault }) },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant('reverse' as const),
      which,
      line: fc.option(fc.nat({ max: 2 })),
      fault,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('reversePoints' as const), which, points, fault }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('issueBatch' as const),
      merchant,
      items: fc.array(fc.record({ member, points }), { minLength: 1, maxLength: 5 }),
      fault,
    }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('hold' as const), member, merchant, points, fault }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('capture' as const), which: latest, part: which, fault }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('void' as const), which: latest, fault }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('restore' as const), which: latest, fault }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('unlock' as const), which: latest, fault }) },
  {
    weight: 7,
    arbitrary: fc.record({
      act: fc.constant('redeem' as const),
      ...{ member, reward: merchant, fault: faultOfTwo },
      pooled: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('cancel' as const), which: latest, fault: faultOfTwo }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('consume' as const), which: latest, fault }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('again' as const), which, fault }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('otherInput' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('race' as const),
      member,
      merchant,
      count: fc.integer({ min: 2, max: 8 }),
      past,
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      act: fc.constant('wait' as const),
      hours: fc.constantFrom(0.1, 0.1, 1, 7, 24, 72, 24 * 13, 24 * 33),
      until: fc.constantFrom('THEN' as const, 'THEN' as const, 'DAY_END' as const, 'MONTH_END' as const),
      reader: fc.option(member, { freq: 2 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('sweep' as const),
      dies: fc.option(fc.integer({ min: 1, max: 5 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('deliver' as const),
      dies: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 2 }),
      refusals: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  // Seldom: a run seals up to sixty days, each of which takes what a step takes, and which are all checked later.
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('seal' as const),
      dies: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 2 }),
      which,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('statement' as const),
      ...{ member, fault },
      back: fc.nat({ max: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('restart' as const),
      of: fc.constantFrom('accounts' as const, 'catalogue' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('terms' as const),
      changes: fc.record({
        unlockAfterDays: fc.constantFrom(0, 2, 14),
        event: fc.constantFrom('NONE' as const, 'UNLOCK' as const, 'LAPSE' as const),
        validityMonths: fc.integer({ min: 1, max: 4 }),
        slides: fc.boolean(),
        refuses: fc.boolean(),
        restorable: fc.boolean(),
        graceDays: fc.constantFrom(3, 40),
        ends: fc.constantFrom(...(['AFTER_MONTHS', 'AT_MONTH_END', 'AT_QUARTER_END', 'ON_DATES'] as const)),
        issuer: fc.constantFrom(null, null, null, 0, 1),
        poolable: fc.constantFrom(true, true, false),
        givable: fc.constantFrom(true, true, false),
        holdTimeoutSeconds: fc.constantFrom(900, 900, 200_000),
      }),
      loosens: fc.boolean(),
    }),
  },
);

/** One thing that somebody does, or that happens. Says nothing of the state, so that any part of a sequence makes sense. */
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** So many steps, the same for the same seed. */
export const stepsOf = (seed: number, count: number): Step[] =>
  fc.sample(fc.array(step, { minLength: count, maxLength: count, size: 'max' }), { seed, numRuns: 1 })[0]!;

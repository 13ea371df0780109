import { expect, test } from '@jest/globals';
import { least } from '../../../subgraphs/accounts/ledger/least.ts';
import { freeOf } from '../../../subgraphs/accounts/ledger/lot.ts';
import { afterDays } from '../../support/policy.ts';
import { fc } from '../../support/properties.ts';
import { inParts } from './in-parts.ts';
import { family, holders, idOf, type PoolWorld, poolWorld } from './pool-world.ts';

const minute = 60_000;
const dayMinutes = 1_440;

function pass({ ledger }: PoolWorld, minutes: number): void {
  ledger.clock.now = new Date(ledger.clock.now.getTime() + minutes * minute);
}

/** What a ledger answers, at once or later. */
const done = <T>(answer: T | Promise<T>): Promise<T> => Promise.resolve(answer);

/** A family whose ledger has at hand only what each command needs. What it answers comes later. */
function poolInParts(): PoolWorld {
  const made = poolWorld();
  Object.assign(made.ledger, inParts(made.ledger, holders));
  return made;
}

test.each([
  ['everything', poolWorld],
  ['what is needed', poolInParts],
])('who owes waits for its other holds after one was released, with %s at hand', async (_, begin) => {
  const ends = [];
  for (const looked of [[], ['home']]) {
    const world = begin();
    const { earn, contribute, hold, release, reverse, balances, broken, ledger } = world;
    const earned = idOf(await done(earn('ann', 100n)));
    await done(contribute('ann', 60n));
    await done(contribute('ann', 40n));
    const first = idOf(await done(hold('bo', 60n)));
    await done(hold('cy', 40n));
    await done(reverse(earned));

    await done(release(first));

    expect(ledger.seen('ann').wallet).toMatchObject({ arrears: 40n, awaited: [{}] });
    pass(world, dayMinutes);
    for (const holder of looked) await done(ledger.advance(holder));
    await done(earn('ann', 70n));
    for (const holder of holders) await done(ledger.advance(holder));
    expect(broken()).toEqual([]);
    ends.push(balances());
  }

  expect(ends).toEqual([
    [70, 0, 0, 0],
    [70, 0, 0, 0],
  ]);
});

test('two who owe and wait for one pool have the same in the end, whoever is looked at first', () => {
  const ends = ['home', 'ann', 'bo'].map((looked) => {
    const world = poolWorld();
    const { earn, contribute, hold, reverse, balances, broken, ledger } = world;
    const earned = [idOf(earn('ann', 100n)), idOf(earn('bo', 60n))];
    contribute('ann', 100n);
    contribute('bo', 60n);
    ledger.setTerms({ unlock: afterDays(1) });
    // The first hold has points of both, the second of bo alone.
    hold('cy', 120n);
    pass(world, 1);
    hold('cy', 40n);
    earn('bo', 40n);
    for (const id of earned) reverse(id);
    pass(world, 3 * dayMinutes);
    ledger.advance(looked);
    ledger.sweep();
    expect(broken()).toEqual([]);
    return { balances: balances(), arrears: family.map((one) => ledger.seen(one).wallet.arrears) };
  });

  const end = { balances: [0, 40, 0, 0], arrears: [0n, 0n, 0n] };
  expect(ends).toEqual([end, end, end]);
});

const which = fc.nat({ max: 9 });
const who = fc.constantFrom(...family);
const points = fc.bigInt({ min: 1n, max: 120n });
const much = fc.bigInt({ min: 20n, max: 120n });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('earn' as const), who, points, late: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('contribute' as const), who }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('hold' as const), who, points: much }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('spend' as const), who, points }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('capture' as const), which, points }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('release' as const), which }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('reverse' as const), which }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('part' as const), stay: fc.subarray(family) }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('wait' as const), minutes: fc.constantFrom(1, 5, 16, 1_430) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Kept {
  readonly postings: string[];
  readonly holds: string[];
}

const belongs = ({ ledger }: PoolWorld, id: string): boolean =>
  ledger.view.roster('home')!.members.some(({ memberId }) => memberId === id);

async function post(kept: string[], outcome: object): Promise<void> {
  const { posting, hold } = (await done(outcome)) as { posting?: { id: string }; hold?: { id: string } };
  const id = posting?.id ?? hold?.id;
  if (id !== undefined) kept.push(id);
}

async function play(world: PoolWorld, kept: Kept, one: Step): Promise<void> {
  const { ledger } = world;
  switch (one.op) {
    case 'earn':
      ledger.setTerms({ unlock: afterDays(one.late ? 1 : 0) });
      return post(kept.postings, world.earn(one.who, one.points));
    case 'contribute': {
      const { available } = ledger.seen(one.who).wallet;
      if (available > 0n) await done(world.contribute(one.who, available));
      return;
    }
    case 'hold':
      if (belongs(world, one.who)) await post(kept.holds, world.hold(one.who, one.points));
      return;
    case 'spend':
      if (belongs(world, one.who)) await post(kept.postings, world.spend(one.who, one.points));
      return;
    case 'capture': {
      const hold = ledger.view.hold(kept.holds[one.which % kept.holds.length] ?? '');
      if (!hold) return;
      await done(world.capture(hold.id, least(one.points, hold.points)));
      const taken = ledger.view.hold(hold.id)!.capturePostingId;
      if (taken !== null && !kept.postings.includes(taken)) kept.postings.push(taken);
      return;
    }
    case 'release': {
      const id = kept.holds[one.which % kept.holds.length];
      if (id !== undefined) await done(world.release(id));
      return;
    }
    case 'reverse':
      await done(world.reverse(kept.postings[one.which % kept.postings.length]!));
      return;
    case 'part':
      world.stay(...one.stay);
      for (const _ of family) await done(ledger.advance('home'));
      return;
    case 'wait':
      pass(world, one.minutes);
      return;
  }
}

/** Who owes points beside free ones of its own in the pool of its household. */
const besideFree = (world: PoolWorld): string[] =>
  family.filter(
    (id) =>
      belongs(world, id) &&
      world.ledger.seen(id).wallet.arrears > 0n &&
      world.poolLots().some((lot) => lot.contributorId === id && freeOf(lot) > 0n),
  );

/** Plays a family that has 120 points each in its pool, and tells what everybody has in the end. */
async function end(world: PoolWorld, steps: readonly Step[], sweeps: boolean) {
  const { ledger } = world;
  const kept: Kept = { postings: [], holds: [] };
  // Each step has an instant of its own, so that what was first is no question.
  const tick = () => pass(world, 1 / 60);
  const lookAtAll = async () => {
    for (const holder of holders) await done(ledger.advance(holder));
  };
  for (const id of [...family, ...family]) {
    tick();
    await post(kept.postings, world.earn(id, 60n));
    await done(world.contribute(id, 60n));
  }
  for (const one of steps) {
    tick();
    await play(world, kept, one);
    if (sweeps) await lookAtAll();
    expect(world.broken()).toEqual([]);
    expect(besideFree(world)).toEqual([]);
  }
  pass(world, 3 * dayMinutes);
  for (const _ of family) await lookAtAll();
  for (const holder of holders) {
    const { nextDueAt } = ledger.seen(holder).wallet;
    expect(nextDueAt === null || nextDueAt > ledger.clock.now).toBe(true);
  }
  const inPool = family.map((id) =>
    world.poolLots().reduce((sum, lot) => (lot.contributorId === id ? sum + lot.remaining : sum), 0n),
  );
  const arrears = family.map((id) => ledger.seen(id).wallet.arrears);
  return { balances: world.balances(), arrears, inPool };
}

test('whoever owes, leaves, holds and releases, all have the same in the end, however little is at hand and whoever looks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
      const whole = await end(poolWorld(), steps, true);

      expect(await end(poolInParts(), steps, false)).toEqual(whole);
      expect(await end(poolInParts(), steps, true)).toEqual(whole);
    }),
    { numRuns: 300 },
  );
}, 60_000);

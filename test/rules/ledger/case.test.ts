import { expect, test } from '@jest/globals';
import type { Case } from '../../../subgraphs/accounts/case/case.ts';
import type { CaseActInput, CaseOutcome } from '../../../subgraphs/accounts/case/case-command.ts';
import { caseEvents } from '../../../subgraphs/accounts/case/case-event.ts';
import {
  addJournalCase,
  casesViolations,
  type JournalCases,
  walletCaseViolations,
} from '../../../subgraphs/accounts/case/case-violations.ts';
import { walletIdOf } from '../../../subgraphs/accounts/ledger/account.ts';
import { type DomainEvent, sequenceAt } from '../../../subgraphs/shared/events/event.ts';
import { forMonths } from '../../support/policy.ts';
import { balancesOf, brokenInvariants } from './invariants.ts';
import { ledgerInMemory, programme, request, terms } from './ledger-in-memory.ts';

const hour = 3_600_000;
const start = new Date('2026-01-01T08:00:00Z');
const limits = { perRedemption: null, perMonth: null };
const sha = (digit: string) => digit.repeat(64);

/** Ann has 500 points that expire at the end of 1 February; her case disputes 300 of them unless told. */
function world(points = 500n) {
  const ledger = ledgerInMemory({
    members: ['ann', 'bo'],
    merchants: ['m1'],
    terms: terms({ validity: forMonths(1), reinstatementDays: 10 }),
    households: [
      { id: 'home', version: 1, members: ['ann', 'bo'].map((memberId) => ({ memberId, limits })) },
    ],
    start,
  });
  const base = { programme, memberId: 'ann', merchantId: 'm1' };
  const earn = (amount: bigint) => ledger.execute({ ...request(), ...base, kind: 'EARN', points: amount });
  const spend = (amount: bigint) => ledger.execute({ ...request(), ...base, kind: 'REDEEM', points: amount });
  const act = (caller: string, asked: CaseActInput, key?: string): CaseOutcome =>
    ledger.execute({ ...request(key), caller, kind: 'CASE', act: asked });
  const openRaw = (disputed = 300n, digit = 'a', caller = 'operator:ann'): CaseOutcome =>
    act(caller, {
      type: 'OPEN',
      ...{ memberId: 'ann', programme, merchantId: null, reason: 'FALSE_PURCHASE', disputed },
      statement: 'No such receipt.',
      evidence: [{ name: 'till log', uri: null, sha256: sha(digit) }],
    });
  const open = (disputed = 300n, digit = 'a'): Case => {
    const outcome = openRaw(disputed, digit);
    if (outcome.kind !== 'CaseChanged') throw new Error(outcome.kind);
    return outcome.case;
  };
  const say = { statement: 'Because.' };
  const wait = (hours: number) => {
    ledger.clock.now = new Date(ledger.clock.now.getTime() + hours * hour);
  };
  if (points > 0n) earn(points);
  return {
    ledger,
    earn,
    spend,
    act,
    pool: (memberId: string, amount: bigint) =>
      ledger.execute({
        ...{ ...request(), kind: 'CONTRIBUTE', programme, memberId, householdId: 'home', points: amount },
      }),
    open,
    openRaw,
    wait,
    freeze: (one: Case, by = 'operator:bob') => act(by, { type: 'FREEZE', caseId: one.id, ...say }),
    confirm: (one: Case, by = 'operator:bob') => act(by, { type: 'CONFIRM', caseId: one.id, ...say }),
    dismiss: (one: Case, by = 'operator:bob') => act(by, { type: 'DISMISS', caseId: one.id, ...say }),
    uphold: (one: Case, amount: bigint, by = 'operator:bob') =>
      act(by, { type: 'UPHOLD', caseId: one.id, points: amount, ...say }),
    appeal: (one: Case, memberId = 'ann') =>
      act(`member:${memberId}`, { type: 'APPEAL', caseId: one.id, memberId, evidence: [], ...say }),
    judge: (one: Case, type: 'REJECT_APPEAL' | 'OVERTURN', by = 'operator:cy') =>
      act(by, { type, caseId: one.id, ...say }),
  };
}

type World = ReturnType<typeof world>;

const wallet = ({ ledger }: World) => {
  const { available, held, frozen, arrears, openCases } = ledger.seen('ann').wallet;
  return { available, held, frozen, arrears, openCases };
};
const kinds = ({ ledger }: World) => ledger.journal.map(({ kind, points }) => `${kind} ${points}`);

/** Every invariant that can be told in memory, those of cases included. */
function faults({ ledger }: World): unknown[] {
  ledger.sweep();
  const state = ledger.view.wallet(walletIdOf('ann', programme))!;
  const cases = [...state.cases.values()];
  const journal: JournalCases = new Map();
  for (const posting of ledger.journal) addJournalCase(journal, posting);
  return [
    ...brokenInvariants(ledger, ['ann', 'bo', 'home']),
    ...casesViolations(cases, journal),
    ...walletCaseViolations(state.wallet, cases),
  ];
}

/** Does something that is to be refused and makes sure that nothing was written. */
function refused({ ledger }: World, what: () => object): object {
  const before = [ledger.journal.length, ledger.view.wallet(walletIdOf('ann', programme))!.wallet];
  const outcome = what();
  expect([ledger.journal.length, ledger.view.wallet(walletIdOf('ann', programme))!.wallet]).toEqual(before);
  return outcome;
}

test('a case freezes nothing by itself, and its opener cannot freeze, confirm or uphold it', () => {
  const made = world();
  const one = made.open();

  expect(wallet(made)).toMatchObject({ available: 500n, held: 0n, openCases: 1 });
  expect(refused(made, () => made.freeze(one, 'operator:ann'))).toEqual({ kind: 'NotIndependent' });
  made.freeze(one);
  expect(refused(made, () => made.confirm(one, 'operator:ann'))).toEqual({ kind: 'NotIndependent' });
  expect(refused(made, () => made.uphold(one, 1n, 'operator:ann'))).toEqual({ kind: 'NotIndependent' });
  expect(faults(made)).toEqual([]);
});

test('only the disputed points are frozen, fewer where the wallet has fewer, and nothing of what comes later', () => {
  const rich = world();
  rich.freeze(rich.open());
  const poor = world(100n);
  poor.freeze(poor.open());
  poor.earn(50n);

  expect(wallet(rich)).toEqual({ available: 200n, held: 300n, frozen: 300n, arrears: 0n, openCases: 1 });
  expect(wallet(poor)).toEqual({ available: 50n, held: 100n, frozen: 100n, arrears: 0n, openCases: 1 });
  expect(rich.spend(201n)).toMatchObject({ kind: 'NotEnoughPoints', available: 200n });
  expect([...faults(rich), ...faults(poor)]).toEqual([]);
});

test('an empty wallet is not frozen', () => {
  const made = world(0n);
  const one = made.open();

  expect(refused(made, () => made.freeze(one))).toEqual({ kind: 'NothingToFreeze' });
});

test('a freeze lapses to the millisecond after 72 hours, whenever the sweeper comes, and a decision then is too late', () => {
  const made = world();
  const one = made.open();
  made.freeze(one);
  made.wait(72 - 1 / hour);
  expect(wallet(made)).toMatchObject({ frozen: 300n });
  made.ledger.clock.now = new Date(start.getTime() + 72 * hour);

  expect(wallet(made)).toMatchObject({ available: 500n, held: 0n, frozen: 0n, openCases: 0 });
  expect(refused(made, () => made.uphold(one, 1n))).toEqual({ kind: 'CaseStands', status: 'LAPSED' });
  made.wait(100);
  made.ledger.sweep();
  expect(made.ledger.view.case(one.id)).toMatchObject({ status: 'LAPSED', parts: [], lapsesAt: null });
  expect(made.ledger.view.case(one.id)!.steps.at(-1)).toMatchObject({
    ...{ act: 'LAPSED', by: null, points: 300n },
    at: new Date(start.getTime() + 72 * hour),
  });
  expect(made.ledger.journal.at(-1)).toMatchObject({
    ...{ kind: 'UNFREEZE', points: 300n },
    at: new Date(start.getTime() + 72 * hour),
  });
  expect(faults(made)).toEqual([]);
});

test('a confirmed freeze lapses 7 days after it began, and is confirmed once', () => {
  const made = world();
  const one = made.open();
  made.wait(10);
  made.freeze(one);
  made.wait(71);
  expect(made.confirm(one)).toMatchObject({
    case: { lapsesAt: new Date(start.getTime() + (10 + 168) * hour) },
  });

  expect(refused(made, () => made.confirm(one, 'operator:cy'))).toEqual({
    kind: 'CaseStands',
    status: 'FROZEN',
  });
  made.wait(96);
  expect(wallet(made)).toMatchObject({ frozen: 300n });
  made.wait(1);
  expect(wallet(made)).toMatchObject({ frozen: 0n, available: 500n });
  expect(faults(made)).toEqual([]);
});

test('a case that nobody reviews lapses after 72 hours and moves nothing', () => {
  const made = world();
  const one = made.open();
  made.wait(72);

  expect(refused(made, () => made.freeze(one))).toEqual({ kind: 'CaseStands', status: 'LAPSED' });
  expect(faults(made)).toEqual([]);
  expect(kinds(made)).toEqual(['EARN 500']);
  expect(wallet(made)).toMatchObject({ openCases: 0 });
});

test('a dismissed case gives everything back, and its opener may dismiss it too', () => {
  const made = world();
  const one = made.open();
  made.freeze(one);

  expect(made.dismiss(one, 'operator:ann')).toMatchObject({ case: { status: 'DISMISSED' } });

  expect(wallet(made)).toMatchObject({ available: 500n, held: 0n, frozen: 0n });
  expect(refused(made, () => made.dismiss(one))).toEqual({ kind: 'CaseStands', status: 'DISMISSED' });
  expect(faults(made)).toEqual([]);
});

test('upholding deducts what was decided, at most what is frozen, and releases the rest', () => {
  const made = world();
  const one = made.open();
  expect(refused(made, () => made.uphold(one, 1n))).toEqual({ kind: 'CaseStands', status: 'OPEN' });
  made.freeze(one);
  expect(refused(made, () => made.uphold(one, 301n))).toEqual({
    kind: 'MoreThanDeductible',
    deductible: 300n,
  });

  expect(made.uphold(one, 120n)).toMatchObject({
    case: { status: 'UPHELD', deducted: 120n, lapsesAt: null },
  });

  expect(wallet(made)).toMatchObject({ available: 380n, held: 0n, frozen: 0n });
  expect(balancesOf(made.ledger.journal).get(`case:${one.id}`)).toBe(120n);
  expect(kinds(made)).toEqual(['EARN 500', 'FREEZE 300', 'DEDUCT 120']);
  expect(faults(made)).toEqual([]);
});

test('a deduction never makes a debt: what the member owes is paid out of the frozen points first', () => {
  const made = world(100n);
  made.freeze(made.open(100n));
  const earned = made.ledger.journal[0]!.id;
  made.ledger.execute({ ...request(), kind: 'REVERSE', postingId: earned, points: 60n, reason: 'returned' });
  const [one] = [...made.ledger.view.wallet(walletIdOf('ann', programme))!.cases.values()];
  expect(wallet(made)).toMatchObject({ held: 100n, arrears: 60n });

  expect(refused(made, () => made.uphold(one!, 41n))).toEqual({
    kind: 'MoreThanDeductible',
    deductible: 40n,
  });
  made.uphold(one!, 40n);

  expect(wallet(made)).toEqual({ available: 0n, held: 0n, frozen: 0n, arrears: 0n, openCases: 0 });
  expect(faults(made)).toEqual([]);
});

test('an overturned case gives every point back to its lot, and only somebody new may decide', () => {
  const made = world();
  const one = made.open();
  made.freeze(one);
  made.confirm(one, 'operator:dee');
  made.uphold(one, 300n, 'operator:eve');
  made.spend(200n);
  expect(refused(made, () => made.appeal(one, 'bo'))).toEqual({ kind: 'NotFound', what: 'CASE', id: one.id });
  expect(made.appeal(one)).toMatchObject({ case: { status: 'APPEALED' } });
  expect(refused(made, () => made.appeal(one))).toEqual({ kind: 'CaseStands', status: 'APPEALED' });

  for (const by of ['ann', 'bob', 'dee', 'eve'])
    expect(refused(made, () => made.judge(one, 'OVERTURN', `operator:${by}`))).toEqual({
      kind: 'NotIndependent',
    });
  expect(made.judge(one, 'OVERTURN')).toMatchObject({ case: { status: 'OVERTURNED', restituted: 300n } });

  expect(wallet(made)).toMatchObject({ available: 300n, held: 0n });
  expect(refused(made, () => made.judge(one, 'OVERTURN', 'operator:fay'))).toEqual({
    kind: 'CaseStands',
    status: 'OVERTURNED',
  });
  expect(balancesOf(made.ledger.journal).get(`case:${one.id}`)).toBe(0n);
  expect(faults(made)).toEqual([]);
});

test('a rejected appeal leaves the deduction, and an appeal is possible for 30 days', () => {
  const made = world();
  const [one, two] = [made.open(100n, 'a'), made.open(50n, 'b')];
  for (const each of [one, two]) made.freeze(each);
  made.uphold(one, 100n);
  made.uphold(two, 50n);
  made.appeal(one);
  made.judge(one, 'REJECT_APPEAL');
  made.wait(30 * 24);

  expect(refused(made, () => made.appeal(two))).toEqual({
    kind: 'TooLateToAppeal',
    until: new Date(start.getTime() + 30 * 24 * hour),
  });
  expect(wallet(made)).toMatchObject({ available: 350n });
  expect(made.ledger.view.case(one.id)).toMatchObject({
    status: 'APPEAL_REJECTED',
    deducted: 100n,
    restituted: 0n,
  });
});

test('frozen points do not expire, and a freeze that ends in favour of the member costs it nothing by time', () => {
  const made = world();
  made.wait(30 * 24);
  const one = made.open();
  made.wait(1);
  made.freeze(one);
  made.wait(72);

  // The lot expired at the end of 1 February, in the middle of the freeze: 200 free points did, the frozen ones did not.
  expect(wallet(made)).toMatchObject({ available: 300n, held: 0n });
  expect(made.ledger.seen('ann').lots.map(({ expiresAt }) => expiresAt.toISOString())).toEqual([
    '2026-02-13T23:59:59.999Z',
  ]);
  expect(faults(made)).toEqual([]);
  expect(kinds(made)).toEqual(['EARN 500', 'FREEZE 300', 'EXPIRE 200', 'UNFREEZE 300']);
});

test('when the sweeper comes late, lapse and the later end of what it released come out as if it had been in time', () => {
  const late = world();
  const early = world();
  for (const made of [late, early]) {
    made.wait(30 * 24);
    made.freeze(made.open());
  }
  for (let hours = 0; hours < 40 * 24; hours++) {
    early.wait(1);
    early.ledger.sweep();
  }
  late.wait(40 * 24);
  late.ledger.sweep();

  const shown = ({ ledger }: World) => ledger.journal.map(({ kind, points, at }) => [kind, points, at]);
  expect(shown(late)).toEqual(shown(early));
  expect(kinds(late)).toEqual(['EARN 500', 'FREEZE 300', 'EXPIRE 200', 'UNFREEZE 300', 'EXPIRE 300']);
  expect([...faults(late), ...faults(early)]).toEqual([]);
});

test('restituted points whose time ran out are valid anew, as after a refund', () => {
  const made = world();
  const one = made.open();
  made.freeze(one);
  made.uphold(one, 300n);
  made.wait(29 * 24);
  made.appeal(one);
  made.wait(20 * 24);
  made.judge(one, 'OVERTURN');

  expect(wallet(made)).toMatchObject({ available: 300n });
  expect(made.ledger.seen('ann').lots.map(({ expiresAt }) => expiresAt.toISOString())).toEqual([
    '2026-03-01T23:59:59.999Z',
  ]);
  expect(faults(made)).toEqual([]);
});

test('evidence freezes a wallet once: a freeze that lapsed is not begun again on the same ground', () => {
  const made = world();
  made.freeze(made.open());
  made.wait(72);
  const again = made.open();

  expect(refused(made, () => made.freeze(again))).toEqual({ kind: 'EvidenceUsed', sha256: sha('a') });
  expect(made.freeze(made.open(10n, 'b'))).toMatchObject({ kind: 'CaseChanged' });
  expect(faults(made)).toEqual([]);
});

test('two cases freeze different points, each within its own dispute', () => {
  const made = world();
  const [one, two] = [made.open(300n, 'a'), made.open(300n, 'b')];
  made.freeze(one);
  made.freeze(two);

  expect(wallet(made)).toEqual({ available: 0n, held: 500n, frozen: 500n, arrears: 0n, openCases: 2 });
  made.uphold(two, 200n);
  made.dismiss(one);
  expect(wallet(made)).toMatchObject({ available: 300n, frozen: 0n, openCases: 0 });
  expect(faults(made)).toEqual([]);
});

test('twenty cases of a wallet wait at a time, and no more', () => {
  const made = world();
  for (let i = 0; i < 20; i++) made.open(1n);

  expect(refused(made, () => made.openRaw(1n))).toEqual({ kind: 'TooManyCases', limit: 20 });
  made.wait(72);
  expect(made.openRaw(1n)).toMatchObject({ kind: 'CaseChanged' });
  expect(faults(made)).toEqual([]);
});

test('the same request gives the first result again, and the same key for another act is a conflict', () => {
  const made = world();
  const one = made.open();
  const asked: CaseActInput = { type: 'FREEZE', caseId: one.id, statement: 'Because.' };
  const first = made.act('operator:bob', asked, 'k1');
  const second = made.act('operator:bob', asked, 'k1');

  expect(first).toMatchObject({ kind: 'CaseChanged', replayed: false });
  expect(second).toEqual({ ...first, replayed: true });
  expect(refused(made, () => made.act('operator:bob', { ...asked, type: 'CONFIRM' }, 'k1'))).toMatchObject({
    kind: 'IdempotencyConflict',
  });
});

test.each<[string, Partial<Extract<CaseActInput, { type: 'OPEN' }>>, string]>([
  ['no evidence', { evidence: [] }, 'input.evidence'],
  [
    'a hash that is none',
    { evidence: [{ name: 'x', uri: null, sha256: 'A'.repeat(64) }] },
    'input.evidence.0.sha256',
  ],
  [
    'a URI that is none',
    { evidence: [{ name: 'x', uri: 'no uri', sha256: sha('a') }] },
    'input.evidence.0.uri',
  ],
  [
    'a URI that is a script',
    { evidence: [{ name: 'x', uri: 'javascript:alert(1)', sha256: sha('a') }] },
    'input.evidence.0.uri',
  ],
  ['no statement', { statement: ' \n' }, 'input.statement'],
  ['a statement that nobody can see', { statement: '\u200b\u3164' }, 'input.statement'],
  ['no points', { disputed: 0n }, 'input.disputedPoints'],
  ['too many points', { disputed: 100_000_001n }, 'input.disputedPoints'],
])('a case with %s is refused', (_, change, field) => {
  const made = world();

  const outcome = refused(made, () =>
    made.act('operator:ann', {
      type: 'OPEN',
      ...{ memberId: 'ann', programme, merchantId: null, reason: 'OTHER', disputed: 1n, statement: 'x' },
      evidence: [{ name: 'x', uri: null, sha256: sha('a') }],
      ...change,
    }),
  );

  expect(outcome).toMatchObject({ kind: 'InvalidInput', field });
});

test('the check finds a case that holds more than its dispute, and points moved without a case', () => {
  const made = world();
  const one = made.open();
  made.freeze(one);
  const frozen = made.ledger.view.case(one.id)!;
  const journal: JournalCases = new Map();
  for (const posting of made.ledger.journal) addJournalCase(journal, posting);
  const found = (changed: Case, says = journal) =>
    casesViolations([changed], says).map(({ invariant }) => invariant);

  expect(found(frozen)).toEqual([]);
  expect(found({ ...frozen, disputed: 299n })).toEqual(['CASE_WITHIN_DISPUTE']);
  expect(found({ ...frozen, parts: [] })).toEqual(['CASE_FROZEN_WHILE_LIVE']);
  expect(found({ ...frozen, deducted: 1n })).toEqual(['CASE_EQUALS_JOURNAL']);
  expect(found({ ...frozen, steps: frozen.steps.map((step) => ({ ...step, by: 'operator:ann' })) })).toEqual([
    'CASE_DECIDED_BY_OTHERS',
  ]);
  expect(casesViolations([], journal)).toMatchObject([{ invariant: 'CASE_EQUALS_JOURNAL', id: one.id }]);
});

test('whoever is erased gives up its appeals', () => {
  const made = world();
  const [first, second] = [made.open(100n, 'a'), made.open(100n, 'b')];
  for (const one of [first, second]) {
    made.freeze(one);
    made.uphold(one, 100n);
  }
  const forfeit = [{ programme, points: 300n }];
  const closing = { kind: 'CLOSE' as const, memberId: 'ann', programmes: [programme], pools: [], forfeit };

  expect(made.ledger.execute({ ...request(), ...closing })).toEqual({ kind: 'WalletsClosed' });

  expect(refused(made, () => made.appeal(first))).toEqual({ kind: 'NotFound', what: 'CASE', id: first.id });
  expect(faults(made)).toEqual([]);
});

test('the events of a case follow those that its wallet already has in the batch', () => {
  const made = world();
  const one = made.open();
  const { wallet } = made.ledger.view.wallet(one.walletId)!;
  const before = caseEvents({ wallets: [{ wallet, loadedVersion: 1 }], cases: [] }, [], () => 'evt');
  const told = [1, 2].map(() => ({ partition: one.walletId }) as DomainEvent);

  const events = caseEvents(
    {
      wallets: [{ wallet, loadedVersion: 1 }],
      cases: [{ case: one, stepsBefore: 0 }],
    },
    told,
    () => 'evt',
  );

  expect(before).toEqual([]);
  expect(events.map(({ sequence }) => sequence)).toEqual(
    [2, 3].map((index) => sequenceAt(wallet.version, index)),
  );
});

test('what the wallet lacks is taken back from the member’s own lots in the pool, and nobody else’s', () => {
  const made = world(300n);
  const { ledger } = made;
  ledger.execute({ ...request(), kind: 'EARN', programme, memberId: 'bo', merchantId: 'm1', points: 900n });
  made.pool('bo', 900n);
  made.pool('ann', 250n);
  const one = made.open(200n);

  made.freeze(one);

  expect(wallet(made)).toEqual({ available: 0n, held: 200n, frozen: 200n, arrears: 0n, openCases: 1 });
  expect(ledger.seen('home').wallet.available).toBe(1_000n);
  expect(ledger.journal.slice(-2)).toMatchObject([
    { kind: 'TAKE_BACK', points: 150n, memberIds: ['ann'], caseId: one.id },
    { kind: 'FREEZE', points: 200n, caseId: one.id },
  ]);
  made.dismiss(one);
  expect(wallet(made)).toMatchObject({ available: 200n, frozen: 0n });
  expect(faults(made)).toEqual([]);
});

test('of the pool only what is the member’s and no hold reserves is frozen; without any of it nothing is', () => {
  const made = world(300n);
  const { ledger } = made;
  made.pool('ann', 300n);
  const held = ledger.execute({
    ...{ ...request(), kind: 'HOLD', programme, merchantId: 'm1', memberId: 'bo', points: 220n },
    pool: { householdId: 'home' },
  });
  const one = made.open(200n);
  expect(held.kind).toBe('PointsHeld');

  made.freeze(one);

  expect(wallet(made)).toMatchObject({ available: 0n, held: 80n, frozen: 80n });
  const other = made.open(100n, 'b');
  expect(refused(made, () => made.freeze(other))).toEqual({ kind: 'NothingToFreeze' });
  expect(faults(made)).toEqual([]);
});

test('a wallet that reaches leaves the pool alone', () => {
  const made = world(500n);
  made.pool('ann', 200n);

  made.freeze(made.open(300n));

  expect(kinds(made)).toEqual(['EARN 500', 'CONTRIBUTE 200', 'FREEZE 300']);
});

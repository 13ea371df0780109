import type { Page } from '../../shared/connection.ts';
import { type ExportPart, instantIn, type PlacedRecord, timedPart, wholePart } from '../../shared/export.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Beneficiary } from '../beneficiary/beneficiary.ts';
import type { Case } from '../case/case.ts';
import { partyOf } from '../case/case-view.ts';
import type { Lot } from '../ledger/lot.ts';
import { withOwnOrigins } from '../ledger/lot-origin.ts';
import type { Posting } from '../ledger/posting.ts';
import { lotPlace } from '../ledger/read-wallet.ts';
import type { Reminder } from '../ledger/reminder.ts';
import { allocationsSeenBy, changeOf, entriesFor, viewPosting } from '../ledger/views.ts';
import type { Wallet } from '../ledger/wallet.ts';
import type { Member, Profile } from '../membership/member.ts';
import type { IssuedStatement } from '../statement/statement-store.ts';
import type { ConsentChange } from './consent.ts';
import type { Erasure } from './erasure.ts';
import { type HouseholdExportPorts, householdParts } from './export-household.ts';
import type { ExportRequest } from './export-request.ts';
import type { LegalHold } from './legal-hold.ts';

/** What is read of a member for its export. */
export interface ExportPartPorts extends HouseholdExportPorts {
  readonly profile: (memberId: string) => Promise<Profile | null>;
  readonly merchantName: (merchantId: string) => Promise<string>;
  readonly consents: (memberId: string, page: Page) => Promise<readonly ConsentChange[]>;
  readonly exports: (
    memberId: string,
    limit: number,
    after: readonly string[] | null,
  ) => Promise<readonly ExportRequest[]>;
  readonly beneficiaries: (memberId: string) => Promise<readonly Beneficiary[]>;
  /** Newest first. */
  readonly legalHoldsOf: (memberId: string) => Promise<readonly LegalHold[]>;
  readonly erasureOf: (memberId: string) => Promise<Erasure | null>;
  readonly wallets: (memberId: string) => Promise<readonly Wallet[]>;
  /** Open lots; one more than asked for if there are more. */
  readonly lots: (walletId: string, page: Page) => Promise<readonly Lot[]>;
  readonly lotsById: (ids: readonly string[]) => Promise<readonly Lot[]>;
  /** Newest first; one more than asked for if there are more. */
  readonly postings: (memberId: string, page: Page) => Promise<readonly Posting[]>;
  /** Newest first; one more than asked for if there are more. */
  readonly reminders: (memberId: string, page: Page) => Promise<readonly Reminder[]>;
  /** Newest first; one more than asked for if there are more. */
  readonly cases: (memberId: string, page: Page) => Promise<readonly Case[]>;
  /** Latest first, from the first or from the one after a month. */
  readonly statements: (
    memberId: string,
    limit: number,
    before: string | null,
  ) => Promise<readonly IssuedStatement[]>;
  readonly clock: Clock;
}

type Record = PlacedRecord['record'];

async function memberRecords(member: Member, ports: ExportPartPorts): Promise<Record[]> {
  const { id, cardNumber, registeredAt } = member;
  const profile = await ports.profile(id);
  const { displayName, locale, givenBy } = profile ?? { displayName: null, locale: null, givenBy: null };
  const registrations = member.registrations.map(async ({ merchantId, reference, at }) => ({
    ...{ type: 'registration', merchantId, reference, at },
    merchantName: await ports.merchantName(merchantId),
  }));
  return [
    { type: 'member', id, cardNumber, registeredAt, displayName, locale, nameGivenBy: givenBy },
    ...(await Promise.all(registrations)),
  ];
}

/** Whom a member gives to is another's secret: what the owner sees of it is what it is given. */
const beneficiaryRecord = ({ id, label, addedAt, effectiveFrom, removedAt }: Beneficiary): Record => ({
  type: 'beneficiary',
  ...{ id, label, addedAt, effectiveFrom, removedAt },
});

function walletRecord(wallet: Wallet): Record {
  const { id, programme, available, pending, held, frozen, arrears, activeOn, gifted, pooledIn } = wallet;
  return {
    type: 'wallet',
    ...{ id, programme, available, pending, held, frozen, arrears, activeOn, gifted, pooledIn },
  };
}

/** A posting as its member sees it: of another member nothing, and nothing of what merchants owe one another. */
function postingRecord(posting: Posting, memberId: string): Record {
  const { id, kind, at, recordedAt, programme, points, arrears, merchantId, causeId, campaignId } = posting;
  const { holdId, caseId, externalRef, reason, note, reverses, lines, declinableUntil, goodUntil } = posting;
  // What another member of the household bought is its own; of a pool's lots each gets to know of its own.
  const isOwn = posting.householdId === undefined || posting.memberIds[0] === memberId;
  const said = isOwn
    ? { externalRef, reason, note, lines }
    : { externalRef: null, reason: null, note: null, lines: [] };
  const seen = allocationsSeenBy(posting, { memberId });
  const parts = seen.filter(({ contributorId }) => (contributorId ?? memberId) === memberId);
  const allocations = parts.map(({ lotId, issuerId, points: moved, settles }) => ({
    ...{ lotId, issuerId, settles },
    points: moved,
  }));
  return {
    type: 'posting',
    ...{ id, kind, at, recordedAt, programme, points, arrears, merchantId, causeId, campaignId },
    ...{ holdId, caseId, ...said, reverses, declinableUntil, goodUntil, allocations },
    fromHousehold: posting.householdId !== undefined,
    change: changeOf(viewPosting(posting, memberId)),
    entries: entriesFor(posting, { memberId }),
  };
}

function reminderRecord(row: Reminder): Record {
  const { memberId: _, walletId: __, ...reminder } = row;
  return { type: 'reminder', ...reminder };
}

function consentRecord(row: ConsentChange): Record {
  const { memberId: _, inForce: __, ...change } = row;
  return { type: 'consent', ...change };
}

function requestRecord(row: ExportRequest): Record {
  const { memberId: _, caller: __, ...asked } = row;
  return { type: 'export', ...asked };
}

/** The oldest first: a new one comes behind. */
async function holdRecords(memberId: string, ports: ExportPartPorts): Promise<Record[]> {
  const holds = await ports.legalHoldsOf(memberId);
  return holds
    .map(({ id, reason, placedAt, until, releasedAt }) => ({
      type: 'legal-hold',
      ...{ id, reason, placedAt, until, releasedAt },
    }))
    .reverse();
}

/** An erasure that was asked for and is not done: refused, or under way. */
async function erasureRecords(memberId: string, ports: ExportPartPorts): Promise<Record[]> {
  const erasure = await ports.erasureOf(memberId);
  if (!erasure) return [];
  const { state, requestedAt, reason, forfeit } = erasure;
  return [{ type: 'erasure', state, requestedAt, reason, forfeit }];
}

/** A case as its member reads it: of persons only which side they were on. */
function caseRecord(one: Case): Record {
  const { memberId: _, steps, ...rest } = one;
  const history = steps.map(({ by, ...step }) => ({ ...step, party: partyOf({ by }) }));
  return { type: 'case', ...rest, history };
}

const casesPart = (memberId: string, ports: ExportPartPorts): ExportPart => ({
  name: 'cases',
  read: async (after, limit) =>
    (await ports.cases(memberId, { first: limit, after })).slice(0, limit).map((one) => ({
      record: caseRecord(one),
      place: [one.id],
    })),
});

const statementRecord = ({ month, text, hash, signature, lines, issuedAt }: IssuedStatement): Record => ({
  type: 'statement',
  ...{ month, record: text, hash, signature, issuedAt },
  lines: lines.map(({ kind, texts }) => ({ kind, texts })),
});

/** Open lots of all wallets, wallet by wallet. */
const lotsPart = (memberId: string, ports: ExportPartPorts): ExportPart => ({
  name: 'lots',
  read: async (after, limit) => {
    if (after) for (const at of [1, 2]) instantIn(after, at);
    const found: PlacedRecord[] = [];
    for (const { id } of await ports.wallets(memberId)) {
      if ((after && id < after[0]!) || found.length >= limit) continue;
      const page = { first: limit - found.length, after: after && id === after[0] ? after.slice(1) : null };
      const open = (await ports.lots(id, page)).slice(0, page.first);
      const lots = await withOwnOrigins(open, memberId, ports.lotsById);
      found.push(...lots.map((lot) => ({ record: { type: 'lot', ...lot }, place: [id, ...lotPlace(lot)] })));
    }
    return found;
  },
});

const statementsPart = (memberId: string, ports: ExportPartPorts): ExportPart => ({
  name: 'statements',
  read: async (after, limit) =>
    (await ports.statements(memberId, limit, after?.[0] ?? null)).map((one) => ({
      record: statementRecord(one),
      place: [one.month],
    })),
});

/** All that accounts keeps about a member. What grows without end comes newest first, so that nothing is added behind a place. */
export function accountsParts(member: Member, ports: ExportPartPorts): ExportPart[] {
  const { id } = member;
  return [
    wholePart('member', () => memberRecords(member, ports)),
    timedPart(
      'consents',
      (page) => ports.consents(id, page),
      consentRecord,
      ({ at }) => at,
    ),
    timedPart(
      'exports',
      ({ first, after }) => ports.exports(id, first, after),
      requestRecord,
      ({ at }) => at,
    ),
    wholePart('beneficiaries', async () => (await ports.beneficiaries(id)).map(beneficiaryRecord)),
    wholePart('legal-holds', () => holdRecords(id, ports)),
    wholePart('erasure', () => erasureRecords(id, ports)),
    ...householdParts(id, ports.clock.now(), ports),
    wholePart('wallets', async () => (await ports.wallets(id)).map(walletRecord)),
    lotsPart(id, ports),
    timedPart(
      'postings',
      (page) => ports.postings(id, page),
      (posting) => postingRecord(posting, id),
      ({ at }) => at,
    ),
    timedPart(
      'reminders',
      (page) => ports.reminders(id, page),
      reminderRecord,
      ({ at }) => at,
    ),
    casesPart(id, ports),
    statementsPart(id, ports),
  ];
}

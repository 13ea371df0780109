import type { RequestRecord } from '../request.ts';

/** Most members that one member may have as beneficiaries at a time. */
export const mostBeneficiaries = 8;

/** Days from adding a beneficiary until it can be given to. */
export const waitDays = 60;

/** Most additions in any 365 days: enough to fill the list and to change every place of it once. */
export const mostAdditionsAYear = 16;

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;

/** Another member that a member may give points to, from a date on. Kept for ever; removing it ends it. */
export interface Beneficiary {
  readonly id: string;
  /** Who may be given to. */
  readonly memberId: string;
  /** What the owner calls it, or null. */
  readonly label: string | null;
  readonly addedAt: Date;
  readonly effectiveFrom: Date;
  readonly removedAt: Date | null;
  readonly addedBy: RequestRecord;
  readonly removedBy: RequestRecord | null;
}

/** All beneficiaries that a member ever had, in the order in which they were added. */
export interface BeneficiaryList {
  readonly ownerId: string;
  /** Grows by one with every write; 0 if it was never written. */
  readonly version: number;
  readonly entries: readonly Beneficiary[];
}

/** How a beneficiary stands. */
export type BeneficiaryStatus = 'WAITING' | 'EFFECTIVE' | 'REMOVED';

/** The member is a beneficiary already, perhaps a waiting one. */
export interface AlreadyBeneficiary {
  readonly kind: 'AlreadyBeneficiary';
  readonly beneficiary: Beneficiary;
}

/** All places are taken: one has to be removed first. */
export interface TooManyBeneficiaries {
  readonly kind: 'TooManyBeneficiaries';
  readonly most: number;
}

/** As many as may be were added within a year. */
export interface TooManyChanges {
  readonly kind: 'TooManyChanges';
  readonly most: number;
  /** When the next one can be added. */
  readonly availableFrom: Date;
}

/** The list of a member that never had a beneficiary. */
export const emptyList = (ownerId: string): BeneficiaryList => ({ ownerId, version: 0, entries: [] });

/** Those that were not removed. */
export const currentOf = (list: BeneficiaryList): readonly Beneficiary[] =>
  list.entries.filter((entry) => entry.removedAt === null);

/** How a beneficiary stands at an instant. */
export function statusOf({ removedAt, effectiveFrom }: Beneficiary, now: Date): BeneficiaryStatus {
  if (removedAt !== null) return 'REMOVED';
  return effectiveFrom <= now ? 'EFFECTIVE' : 'WAITING';
}

/** From when on a member can be given to, perhaps a later date; null if it is no beneficiary. */
export const effectiveFromOf = (list: BeneficiaryList, memberId: string): Date | null =>
  currentOf(list).find((entry) => entry.memberId === memberId)?.effectiveFrom ?? null;

/** Whether anybody on a list can be given to at an instant. */
export const hasEffective = (list: BeneficiaryList, now: Date): boolean =>
  list.entries.some((entry) => statusOf(entry, now) === 'EFFECTIVE');

/** What an earlier request with this key did and what it asked for, or null. */
export function earlierRequest(
  list: BeneficiaryList,
  idempotencyKey: string,
): { readonly entry: Beneficiary; readonly request: RequestRecord } | null {
  for (const entry of list.entries)
    for (const request of [entry.addedBy, entry.removedBy])
      if (request?.idempotencyKey === idempotencyKey) return { entry, request };
  return null;
}

/** In place of the hash of what was sent to add a member that was erased. */
const erasedHash = 'erased';

/**
 * A list without what it says of a member that was erased: its label, and the hash of the request, which had its card
 * number. The entry stays, ended, for it counts among the additions of its year.
 */
export const withoutMember = (list: BeneficiaryList, memberId: string, at: Date): BeneficiaryList => ({
  ...list,
  version: list.version + 1,
  entries: list.entries.map((entry) =>
    entry.memberId === memberId
      ? {
          ...entry,
          label: null,
          removedAt: entry.removedAt ?? at,
          addedBy: { ...entry.addedBy, inputHash: erasedHash },
        }
      : entry,
  ),
});

/** Whether a list says more of a member than that it was there. */
export const tellsOf = ({ entries }: BeneficiaryList, memberId: string): boolean =>
  entries.some(
    ({ memberId: id, label, removedAt, addedBy }) =>
      id === memberId && (label !== null || removedAt === null || addedBy.inputHash !== erasedHash),
  );

/** What adding a beneficiary is made of. */
export interface Addition {
  readonly id: string;
  readonly memberId: string;
  readonly label: string | null;
  readonly at: Date;
  readonly request: RequestRecord;
}

/** When another may be added within the cap of a year; null if now. */
function nextAddition(list: BeneficiaryList, now: Date): Date | null {
  const ends = list.entries.map((entry) => entry.addedAt.getTime() + yearMs);
  const counting = ends.filter((end) => end > now.getTime()).sort((a, b) => b - a);
  const decisive = counting[mostAdditionsAYear - 1];
  return decisive === undefined ? null : new Date(decisive);
}

/**
 * Adds a beneficiary, who has to wait anew even if it was one before. Refusals come in this order: it is one already,
 * all places are taken, too many were added within a year.
 */
export function addTo(
  list: BeneficiaryList,
  { id, memberId, label, at, request }: Addition,
): BeneficiaryList | AlreadyBeneficiary | TooManyBeneficiaries | TooManyChanges {
  const current = currentOf(list);
  const known = current.find((entry) => entry.memberId === memberId);
  if (known) return { kind: 'AlreadyBeneficiary', beneficiary: known };
  if (current.length >= mostBeneficiaries) return { kind: 'TooManyBeneficiaries', most: mostBeneficiaries };
  const availableFrom = nextAddition(list, at);
  if (availableFrom) return { kind: 'TooManyChanges', most: mostAdditionsAYear, availableFrom };
  const effectiveFrom = new Date(at.getTime() + waitDays * dayMs);
  const times = { addedAt: at, effectiveFrom, removedAt: null };
  const added: Beneficiary = { id, memberId, label, ...times, addedBy: request, removedBy: null };
  return { ...list, version: list.version + 1, entries: [...list.entries, added] };
}

/** Ends a beneficiary; null if there is none of that id that was not removed before. */
export function removeFrom(
  list: BeneficiaryList,
  id: string,
  at: Date,
  request: RequestRecord,
): BeneficiaryList | null {
  if (!currentOf(list).some((entry) => entry.id === id)) return null;
  const entries = list.entries.map((entry) =>
    entry.id === id ? { ...entry, removedAt: at, removedBy: request } : entry,
  );
  return { ...list, version: list.version + 1, entries };
}

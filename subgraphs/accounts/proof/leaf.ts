import { createHmac } from 'node:crypto';
import { canonicalJson, sha256 } from '../../shared/idempotency.ts';
import { walletIdOf } from '../ledger/account.ts';
import type { Entry, Posting } from '../ledger/posting.ts';
import type { RecordedPlace } from '../ledger/recorded-store.ts';

/** Parts of a posting that not everyone who may see it may see. */
export const closedParts = ['provenance', 'money'] as const;

/** A part of a posting that its leaf only commits to. */
export type ClosedPart = (typeof closedParts)[number];

/** A posting as it is sealed. */
export interface PostingLeaf {
  /** Canonical JSON: what all who may see the posting see, and the SHA-256 of each closed part's opening. */
  readonly text: string;
  /** What opens a closed part: canonical JSON with a salt, so that nobody can find a part by trying values. */
  readonly openings: Readonly<Record<ClosedPart, string>>;
}

/**
 * How leaves are made, the newest way first. Days sealed by earlier releases have leaves of version 1, in which entries name
 * members' wallets by their ids.
 */
export const leafVersions = [2, 1] as const;

/** One of them. */
export type LeafVersion = (typeof leafVersions)[number];

/** Below 0 if one place comes before another, 0 if they are the same. */
export function comparePlaces(a: RecordedPlace, b: RecordedPlace): number {
  if (a.programme !== b.programme) return a.programme < b.programme ? -1 : 1;
  const apart = a.recordedAt.getTime() - b.recordedAt.getTime();
  if (apart !== 0) return apart;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/** Which shops a member's points came from, and whose wallets these are: a merchant is told that of itself only. */
const provenanceOf = (posting: Posting, version: LeafVersion) => ({
  allocations: posting.allocations,
  campaignId: posting.campaignId,
  caseId: posting.caseId ?? null,
  causeId: posting.causeId,
  declinableUntil: posting.declinableUntil,
  goodUntil: posting.goodUntil ?? null,
  holdId: posting.holdId,
  ...(posting.householdId === undefined ? {} : { householdId: posting.householdId }),
  ...(version === 1 && posting.householdId === undefined ? {} : { entries: posting.entries }),
  keeper: posting.keeper,
  lotId: posting.lotId,
  memberIds: posting.memberIds,
  merchantId: posting.merchantId,
  merchantIds: posting.merchantIds,
  note: posting.note ?? null,
  walletIds: posting.walletIds,
});

/**
 * What all who may see a posting see of its entries: wallets by their place among those that it touched, for whose they are
 * is provenance, and a merchant knows members by ids of its own.
 */
function openEntries({ entries, walletIds, householdId, programme }: Posting, version: LeafVersion): Entry[] {
  const pool = householdId === undefined ? null : walletIdOf(householdId, programme);
  return entries.map((entry) => {
    const place = walletIds.findIndex((id) => entry.account.startsWith(`wallet:${id}:`));
    const id = walletIds[place];
    if (id === undefined || (version === 1 && id !== pool)) return { ...entry };
    return { ...entry, account: entry.account.replace(id, id === pool ? 'pool' : String(place)) };
  });
}

function openingOf(posting: Posting, part: ClosedPart, secret: Uint8Array, version: LeafVersion): string {
  const salt = createHmac('sha256', secret).update(`posting:${posting.id}:${part}`).digest('hex');
  const value = part === 'provenance' ? provenanceOf(posting, version) : { effect: posting.effect };
  return canonicalJson({ part, salt, value });
}

/** Makes the leaf of a posting. It follows from the posting and the secret of the salts alone. */
export function leafOf(
  posting: Posting,
  secret: Uint8Array,
  version: LeafVersion = leafVersions[0],
): PostingLeaf {
  const provenance = openingOf(posting, 'provenance', secret, version);
  const money = openingOf(posting, 'money', secret, version);
  const { id, kind, at, recordedAt, programme, points, arrears } = posting;
  const { externalRef, reason, reverses, lines } = posting;
  const entries = openEntries(posting, version);
  const text = canonicalJson({
    type: 'jifen-posting',
    ...(version === 1 ? {} : { version }),
    ...{ id, kind, at, recordedAt, programme, points, arrears },
    ...{ externalRef, reason, reverses, lines, entries },
    provenance: sha256(provenance),
    money: sha256(money),
  });
  return { text, openings: { provenance, money } };
}

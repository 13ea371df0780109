import DataLoader from 'dataloader';
import { rowLoader } from '../loader.ts';
import { type Member, type Profile, referenceAt } from './member.ts';
import type { MemberStore } from './member-store.ts';
import type { ProfileStore } from './profile-store.ts';

/** Members and profiles by member id, read once a request. */
export interface MemberLoaders {
  readonly members: DataLoader<string, Member | null>;
  readonly profiles: DataLoader<string, Profile | null>;
  /** By card number and by a merchant's reference: many in one query, and anew each time, for a request may register. */
  readonly byCardNumber: (cardNumber: string) => Promise<Member | null>;
  readonly byReference: (merchantId: string, reference: string) => Promise<Member | null>;
}

const notKept = { cache: false } as const;

function cardLoader(members: MemberStore): MemberLoaders['byCardNumber'] {
  const loader = new DataLoader<string, Member | null>(async (cards) => {
    const rows = await members.byCardNumbers([...new Set(cards)]);
    const found = new Map(rows.map((member) => [member.cardNumber, member]));
    return cards.map((card) => found.get(card) ?? null);
  }, notKept);
  return (card) => loader.load(card);
}

interface ReferenceKey {
  readonly merchantId: string;
  readonly reference: string;
}

async function findByReference(members: MemberStore, keys: readonly ReferenceKey[]) {
  const found = new Map<string, Member>();
  for (const merchantId of new Set(keys.map((key) => key.merchantId))) {
    const asked = keys.filter((key) => key.merchantId === merchantId).map((key) => key.reference);
    for (const member of await members.byReferences(merchantId, [...new Set(asked)]))
      found.set(`${merchantId} ${referenceAt(member, merchantId)}`, member);
  }
  return keys.map(({ merchantId, reference }) => found.get(`${merchantId} ${reference}`) ?? null);
}

function referenceLoader(members: MemberStore): MemberLoaders['byReference'] {
  const loader = new DataLoader<ReferenceKey, Member | null>(
    (keys) => findByReference(members, keys),
    notKept,
  );
  return (merchantId, reference) => loader.load({ merchantId, reference });
}

/** Makes the loaders of one request. */
export function createMemberLoaders(store: MemberStore, profiles: ProfileStore): MemberLoaders {
  const members = rowLoader(store.byIds, (member) => member.id);
  const [byCard, byReference] = [cardLoader(store), referenceLoader(store)];
  // Whoever was found by a card or reference is not read again by its id.
  const known = (member: Member | null): Member | null => {
    if (member) members.prime(member.id, member);
    return member;
  };
  return {
    members,
    profiles: rowLoader(profiles.byMemberIds, (profile) => profile.memberId),
    byCardNumber: async (cardNumber) => known(await byCard(cardNumber)),
    byReference: async (merchantId, reference) => known(await byReference(merchantId, reference)),
  };
}

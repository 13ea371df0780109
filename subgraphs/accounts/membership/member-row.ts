import type { Member, Profile, Registration } from './member.ts';
import type { MemberVault, Open, Seal } from './member-vault.ts';

/** A registration as it is kept: its reference sealed, and what it is found by. */
export interface RegistrationRow {
  readonly merchantId: string;
  /** A hash: see MemberVault. */
  readonly reference: string;
  readonly sealed: string;
  readonly at: Date;
}

/** A member as it is kept: its card number and references sealed, and what they are found by. */
export interface MemberRow {
  readonly _id: string;
  /** A hash: see MemberVault. */
  readonly cardNumber: string;
  readonly sealedCard: string;
  readonly registeredAt: Date;
  readonly registrations: RegistrationRow[];
  /** Counts what must not happen at once with an erasure. */
  readonly guard?: number;
}

/** A profile as it is kept. */
export interface ProfileRow {
  readonly _id: string;
  readonly sealed: string;
}

const cardPlace = 'card';
const profilePlace = 'profile';
const referencePlace = (merchantId: string): string => `reference:${merchantId}`;

/** A member from its row. */
export const toMember = (row: MemberRow, open: Open): Member => ({
  id: row._id,
  cardNumber: open(cardPlace, row.sealedCard),
  registeredAt: row.registeredAt,
  registrations: row.registrations.map(({ merchantId, sealed, at }) => ({
    merchantId,
    reference: open(referencePlace(merchantId), sealed),
    at,
  })),
  registeredBy: row.registrations.map((registration) => registration.merchantId),
});

/** A registration as it is to be kept. */
export const toRegistrationRow = async (
  { merchantId, reference, at }: Registration,
  seal: Seal,
  vault: MemberVault,
): Promise<RegistrationRow> => ({
  merchantId,
  reference: await vault.referenceHash(merchantId, reference),
  sealed: seal(referencePlace(merchantId), reference),
  at,
});

/** A member as it is to be kept. */
export const toMemberRow = async (
  { id, cardNumber, registeredAt, registrations }: Omit<Member, 'registeredBy'>,
  seal: Seal,
  vault: MemberVault,
): Promise<MemberRow> => ({
  _id: id,
  cardNumber: await vault.cardHash(cardNumber),
  sealedCard: seal(cardPlace, cardNumber),
  registeredAt,
  registrations: await Promise.all(registrations.map((one) => toRegistrationRow(one, seal, vault))),
});

/** A profile from its row. */
export const toProfile = ({ _id, sealed }: ProfileRow, open: Open): Profile => ({
  ...(JSON.parse(open(profilePlace, sealed)) as Omit<Profile, 'memberId'>),
  memberId: _id,
});

/** A profile as it is to be kept. */
export const toProfileRow = ({ memberId, ...profile }: Profile, seal: Seal): ProfileRow => ({
  _id: memberId,
  sealed: seal(profilePlace, JSON.stringify(profile)),
});

import type { Clock, NewId } from '../../shared/ids.ts';
import { type InvalidInput, memberNotFound } from '../../shared/refusal.ts';
import type { NotFound } from '../refusal.ts';
import { isTaken } from '../taken.ts';
import { newCardNumber, type RandomBytes } from './card-number.ts';
import {
  checkNewReference,
  checkRegistration,
  type Member,
  type Profile,
  profileOf,
  type Registration,
  type RegistrationInput,
  referenceAt,
} from './member.ts';

/** What registering a member needs. */
export interface RegisterMemberPorts {
  readonly memberByReference: (merchantId: string, reference: string) => Promise<Member | null>;
  readonly memberByCardNumber: (cardNumber: string) => Promise<Member | null>;
  /** Throws Taken on `members_reference` or `members_card_number`. */
  readonly insertMember: (member: Member) => Promise<void>;
  /** Gives false if the merchant has registered the member by now. Throws Taken on `members_reference`. */
  readonly addRegistration: (memberId: string, registration: Registration) => Promise<boolean>;
  /** Keeps a profile unless the member has one. */
  readonly keepProfile: (profile: Profile) => Promise<void>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: RandomBytes;
}

/** The reference stands for another member, or the member has another reference at the merchant. */
export interface ReferenceTaken {
  readonly kind: 'ReferenceTaken';
  readonly reference: string;
}

/** What came of a registration. `created` is false if the reference had been registered before. */
export type RegisterMemberOutcome =
  | { readonly kind: 'MemberRegistered'; readonly member: Member; readonly created: boolean }
  | InvalidInput
  | NotFound
  | ReferenceTaken;

const attempts = 5;

/**
 * Registers a member under a merchant's own reference. With a card number the merchant joins the card's holder, who
 * keeps the name and language given first. The same reference again gives the same member.
 */
export async function registerMember(
  merchantId: string,
  input: RegistrationInput,
  ports: RegisterMemberPorts,
): Promise<RegisterMemberOutcome> {
  const fault = checkRegistration(input);
  if (fault) return fault;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const outcome = input.cardNumber
      ? await join(merchantId, { ...input, cardNumber: input.cardNumber }, ports)
      : await create(merchantId, input, ports);
    if (outcome) return outcome;
  }
  throw new Error('a member could not be registered: others kept taking the reference or the card number');
}

/** Null means that another request came between: look again. */
async function create(
  merchantId: string,
  input: RegistrationInput,
  ports: RegisterMemberPorts,
): Promise<RegisterMemberOutcome | null> {
  const known = await ports.memberByReference(merchantId, input.reference);
  if (known) return { kind: 'MemberRegistered', member: known, created: false };
  const fault = checkNewReference(input.reference);
  if (fault) return fault;
  const at = ports.clock.now();
  const member: Member = {
    id: ports.newId('mem'),
    cardNumber: newCardNumber(ports.random),
    registeredAt: at,
    registrations: [{ merchantId, reference: input.reference, at }],
    registeredBy: [merchantId],
  };
  const write = async () => {
    await ports.insertMember(member);
    return true;
  };
  const written = await wrote(write, profileOf(member.id, merchantId, input), ports);
  return written ? { kind: 'MemberRegistered', member, created: true } : null;
}

async function join(
  merchantId: string,
  input: RegistrationInput & { cardNumber: string },
  ports: RegisterMemberPorts,
): Promise<RegisterMemberOutcome | null> {
  const { reference, cardNumber } = input;
  const holder = await ports.memberByCardNumber(cardNumber);
  if (!holder) return memberNotFound({ cardNumber });
  const known = await ports.memberByReference(merchantId, reference);
  if (known?.id === holder.id) return { kind: 'MemberRegistered', member: known, created: false };
  if (known || referenceAt(holder, merchantId) !== null) return { kind: 'ReferenceTaken', reference };
  const fault = checkNewReference(reference);
  if (fault) return fault;
  const registration = { merchantId, reference, at: ports.clock.now() };
  const write = () => ports.addRegistration(holder.id, registration);
  if (!(await wrote(write, profileOf(holder.id, merchantId, input), ports))) return null;
  const member: Member = {
    ...holder,
    registrations: [...holder.registrations, registration],
    registeredBy: [...holder.registeredBy, merchantId],
  };
  return { kind: 'MemberRegistered', member, created: true };
}

/**
 * Writes a member's document and, in the same transaction, the profile if there is one: a single document needs none.
 * False if another request had taken what must be unique.
 */
async function wrote(
  write: () => Promise<boolean>,
  profile: Profile | null,
  ports: RegisterMemberPorts,
): Promise<boolean> {
  const writeBoth = async (kept: Profile) => {
    if (!(await write())) return false;
    await ports.keepProfile(kept);
    return true;
  };
  try {
    return profile ? await ports.inTransaction(() => writeBoth(profile)) : await write();
  } catch (error) {
    if (isTaken(error, 'members_reference') || isTaken(error, 'members_card_number')) return false;
    throw error;
  }
}

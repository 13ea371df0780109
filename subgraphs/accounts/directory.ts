import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/ids.ts';
import type { Household } from './household/household.ts';
import { findMember } from './membership/find-member.ts';
import type { Member } from './membership/member.ts';
import { readSelector, type SelectorInput } from './membership/selector.ts';
import type { Merchant } from './merchant/merchant.ts';
import { type Programme, versionAtOrFirst } from './programme/programme.ts';

/** Who and what there is, for the resolvers of one request. */
export interface Directory {
  member(id: string): Promise<Member | null>;
  /** The member a selector means to an actor, as far as the actor may know; null for a faulty selector too. */
  findMember(selector: SelectorInput, actor: Caller): Promise<Member | null>;
  /** Whoever holds a card, whoever asks: for what the card's holder allows by showing it. */
  memberByCard(cardNumber: string): Promise<Member | null>;
  /** From when on a member can be given points by another, perhaps a later date; null if it is no beneficiary of it. */
  beneficiaryFrom(ownerId: string, memberId: string): Promise<Date | null>;
  /** Whether a member has a beneficiary that it can give points to now. */
  hasBeneficiary(ownerId: string): Promise<boolean>;
  /** The household that a member belongs to now, or null. */
  householdOf(memberId: string): Promise<Household | null>;
  merchant(id: string): Promise<Merchant | null>;
  /** All merchants, by name. */
  merchants(): Promise<readonly Merchant[]>;
  /** The programme's version in force at an instant, now unless told, else its first that will be. */
  programme(code: string, at?: Date): Promise<Programme | null>;
  /** What is wrong with a selector as `input.member`, or null. */
  selectorFault(selector: SelectorInput): { field: string; expected: string } | null;
}

/** What a directory looks things up with. */
export interface DirectoryPorts {
  readonly member: (id: string) => Promise<Member | null>;
  readonly memberByReference: (merchantId: string, reference: string) => Promise<Member | null>;
  readonly memberByCardNumber: (cardNumber: string) => Promise<Member | null>;
  readonly beneficiaryFrom: (ownerId: string, memberId: string) => Promise<Date | null>;
  readonly hasBeneficiary: (ownerId: string) => Promise<boolean>;
  readonly householdOf: (memberId: string) => Promise<Household | null>;
  readonly merchant: (id: string) => Promise<Merchant | null>;
  readonly merchants: () => Promise<readonly Merchant[]>;
  readonly programmeVersions: (code: string) => Promise<readonly Programme[]>;
  readonly clock: Clock;
}

/** Makes the directory of one request. */
export function createDirectory(ports: DirectoryPorts): Directory {
  const lookups = {
    memberById: ports.member,
    memberByReference: ports.memberByReference,
    memberByCardNumber: ports.memberByCardNumber,
  };
  return {
    member: ports.member,
    memberByCard: ports.memberByCardNumber,
    beneficiaryFrom: ports.beneficiaryFrom,
    hasBeneficiary: ports.hasBeneficiary,
    householdOf: ports.householdOf,
    merchant: ports.merchant,
    merchants: ports.merchants,
    programme: async (code, at = ports.clock.now()) =>
      versionAtOrFirst(await ports.programmeVersions(code), at),
    findMember: async (selector, actor) => {
      const key = readSelector(selector);
      return key && findMember(actor, key, lookups);
    },
    selectorFault: (selector) =>
      readSelector(selector)
        ? null
        : { field: 'input.member', expected: 'named by exactly one of id, reference and cardNumber' },
  };
}

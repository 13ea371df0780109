import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/ids.ts';
import { effectiveFromOf, hasEffective } from './beneficiary/beneficiary.ts';
import type { Context } from './context.ts';
import { createDirectory } from './directory.ts';
import { householdReader } from './household/household-reader.ts';
import { createMemberLoaders } from './membership/member-loaders.ts';
import { createMerchantLoaders } from './merchant/merchant-loaders.ts';
import { createMayLearn } from './privacy/consent-loaders.ts';
import type { ProgrammeCatalogue } from './programme/programme-catalogue.ts';
import type { Stores } from './stores.ts';

/** What the contexts of all requests share. */
export interface ContextWiring {
  readonly stores: Stores;
  readonly catalogue: ProgrammeCatalogue;
  readonly clock: Clock;
}

/** Makes the context of one request, with loaders of its own. */
export function createContext({ stores, catalogue, clock }: ContextWiring, caller: Caller): Context {
  const { members, profiles, byCardNumber, byReference } = createMemberLoaders(
    stores.members,
    stores.profiles,
  );
  const { merchants } = createMerchantLoaders(stores.merchants);
  const directory = createDirectory({
    member: (id) => members.load(id),
    memberByReference: byReference,
    memberByCardNumber: byCardNumber,
    beneficiaryFrom: async (ownerId, memberId) =>
      effectiveFromOf(await stores.beneficiaries.of(ownerId), memberId),
    hasBeneficiary: async (ownerId) => hasEffective(await stores.beneficiaries.of(ownerId), clock.now()),
    householdOf: householdReader(stores),
    merchant: (id) => merchants.load(id),
    merchants: stores.merchants.all,
    programmeVersions: catalogue.versions,
    clock,
  });
  const forgetMember = (id: string): void => {
    members.clear(id);
    profiles.clear(id);
  };
  const mayLearn = createMayLearn(caller, stores.consents.latest);
  return { caller, clock, directory, profiles, mayLearn, forgetMember };
}

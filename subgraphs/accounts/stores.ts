import type { Connection } from 'mongoose';
import { createBeneficiaryStore } from './beneficiary/beneficiary-store.ts';
import { createMemberStore } from './membership/member-store.ts';
import { createProfileStore } from './membership/profile-store.ts';
import { createClientStore } from './merchant/client-store.ts';
import { createMerchantStore } from './merchant/merchant-store.ts';
import { createPriceStore } from './merchant/price-store.ts';
import { createProgrammeStore } from './programme/programme-store.ts';

/** Defines the collections of members, merchants and programmes on a connection. */
export const defineStores = (connection: Connection) => ({
  members: createMemberStore(connection),
  profiles: createProfileStore(connection),
  merchants: createMerchantStore(connection),
  clients: createClientStore(connection),
  prices: createPriceStore(connection),
  programmes: createProgrammeStore(connection),
  beneficiaries: createBeneficiaryStore(connection),
});

/** The stores of members, merchants and programmes. */
export type Stores = ReturnType<typeof defineStores>;

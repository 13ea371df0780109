import type { Connection } from 'mongoose';
import { createMemberStore } from './membership/member-store.ts';
import { createProfileStore } from './membership/profile-store.ts';
import { createClientStore } from './merchant/client-store.ts';
import { createMerchantStore } from './merchant/merchant-store.ts';
import { createPriceStore } from './merchant/price-store.ts';
import { createProgrammeStore } from './programme/programme-store.ts';
import { createStatementStore } from './statement/statement-store.ts';
import { createWarmLineStore } from './statement/warm-line-store.ts';

/** Defines the collections of members, merchants, programmes and statements on a connection. */
export const defineStores = (connection: Connection) => ({
  members: createMemberStore(connection),
  profiles: createProfileStore(connection),
  merchants: createMerchantStore(connection),
  clients: createClientStore(connection),
  prices: createPriceStore(connection),
  programmes: createProgrammeStore(connection),
  statements: createStatementStore(connection),
  warmLines: createWarmLineStore(connection),
});

/** The stores of members, merchants, programmes and statements. */
export type Stores = ReturnType<typeof defineStores>;

import type { Connection } from 'mongoose';
import { createInboxStore } from '../shared/events/inbox-store.ts';
import { defineTelling } from '../shared/events/start-relay.ts';
import { createBeneficiaryStore } from './beneficiary/beneficiary-store.ts';
import { createHouseholdRequestStore } from './household/household-request-store.ts';
import { createHouseholdStore } from './household/household-store.ts';
import { createSeatStore } from './household/seat-store.ts';
import { createMemberKeyStore } from './membership/member-key-store.ts';
import { createMemberStore } from './membership/member-store.ts';
import { createMemberVault } from './membership/member-vault.ts';
import { createProfileStore } from './membership/profile-store.ts';
import { createClientStore } from './merchant/client-store.ts';
import { createMerchantStore } from './merchant/merchant-store.ts';
import { createPriceStore } from './merchant/price-store.ts';
import { createConsentStore } from './privacy/consent-store.ts';
import { createErasureStore } from './privacy/erasure-store.ts';
import { createExportStore } from './privacy/export-store.ts';
import { createLegalHoldStore } from './privacy/legal-hold-store.ts';
import { createProgrammeStore } from './programme/programme-store.ts';
import { createStatementStore } from './statement/statement-store.ts';
import { createWarmLineStore } from './statement/warm-line-store.ts';
import { accountsSubscriptions } from './subscriptions.ts';
import { createDeliveryStore } from './webhook/delivery-store.ts';
import { createReachStore } from './webhook/reach-store.ts';
import { createRotationStore } from './webhook/rotation-store.ts';
import { createWebhookStore } from './webhook/webhook-store.ts';

/** The database of the keys of what is personal: its own, to be backed up apart. */
export const keysConnection = (connection: Connection): Connection =>
  connection.useDb(`${connection.name}-keys`, { useCache: true });

/** Makes the vault of members' keys. */
export const openVault = (connection: Connection) =>
  createMemberVault(createMemberKeyStore(keysConnection(connection)));

/** Defines the collections of members, merchants, programmes, events and statements on a connection. */
export const defineStores = (connection: Connection, vault = openVault(connection)) => ({
  members: createMemberStore(connection, vault),
  profiles: createProfileStore(connection, vault),
  merchants: createMerchantStore(connection),
  clients: createClientStore(connection),
  prices: createPriceStore(connection),
  programmes: createProgrammeStore(connection),
  ...defineTelling(connection, accountsSubscriptions),
  inbox: createInboxStore(connection),
  webhooks: createWebhookStore(connection),
  rotations: createRotationStore(connection),
  deliveries: createDeliveryStore(connection),
  reaches: createReachStore(connection),
  beneficiaries: createBeneficiaryStore(connection),
  households: createHouseholdStore(connection),
  seats: createSeatStore(connection),
  householdRequests: createHouseholdRequestStore(connection),
  statements: createStatementStore(connection),
  warmLines: createWarmLineStore(connection),
  consents: createConsentStore(connection),
  exports: createExportStore(connection),
  erasures: createErasureStore(connection),
  legalHolds: createLegalHoldStore(connection),
});

/** The stores of members, merchants, programmes, events and statements. */
export type Stores = ReturnType<typeof defineStores>;

import { randomBytes } from 'node:crypto';
import type { Clock, NewId } from '../shared/ids.ts';
import { scalarResolvers } from '../shared/scalars.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type LedgerResolverPorts, ledgerResolvers } from './ledger/ledger-resolvers.ts';
import { memberResolvers } from './membership/member-resolvers.ts';
import { merchantResolvers } from './merchant/merchant-resolvers.ts';
import type { PriceAt } from './merchant/price-lookup.ts';
import { mergeResolvers } from './merge-resolvers.ts';
import type { ProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { programmeResolvers } from './programme/programme-resolvers.ts';
import type { Proof } from './proof/proof.ts';
import { proofResolvers } from './proof/proof-resolvers.ts';
import type { Stores } from './stores.ts';

/** What the resolvers are wired to. */
export interface ResolverWiring {
  readonly stores: Stores;
  readonly catalogue: ProgrammeCatalogue;
  readonly priceAt: PriceAt;
  readonly ledger: Ledger;
  readonly proof: Proof;
  readonly checkLedger: LedgerResolverPorts['checkLedger'];
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
}

const random = (size: number): Uint8Array => randomBytes(size);

const membership = ({ stores: { members, profiles }, inTransaction, clock, newId }: ResolverWiring) =>
  memberResolvers({
    memberByReference: members.byReference,
    memberByCardNumber: members.byCardNumber,
    insertMember: members.insert,
    addRegistration: members.addRegistration,
    keepProfile: profiles.keep,
    inTransaction,
    clock,
    newId,
    random,
  });

const merchants = ({ stores, catalogue, priceAt, inTransaction, clock, newId }: ResolverWiring) =>
  merchantResolvers({
    clientById: stores.clients.byId,
    insertClient: stores.clients.insert,
    revokeClient: stores.clients.revoke,
    merchantById: async (id) => (await stores.merchants.byIds([id]))[0] ?? null,
    openingByRequest: stores.merchants.openingByRequest,
    insertMerchant: stores.merchants.insert,
    merchantPage: stores.merchants.page,
    priceByRequest: stores.prices.byRequest,
    insertPrice: stores.prices.insert,
    latestRevision: stores.prices.latestRevision,
    priceHistory: stores.prices.history,
    priceAt,
    programmeCurrency: catalogue.currencyOf,
    inTransaction,
    clock,
    newId,
    random,
  });

const programmes = ({ stores, catalogue, clock }: ResolverWiring) =>
  programmeResolvers({
    publicationByRequest: stores.programmes.byRequest,
    latestVersion: stores.programmes.latest,
    insertVersion: stores.programmes.insert,
    programmeAt: catalogue.programmeAt,
    allVersions: () => stores.programmes.versions(),
    clock,
  });

/** All resolvers of the subgraph. */
export const accountsResolvers = (wiring: ResolverWiring) =>
  mergeResolvers([
    scalarResolvers,
    membership(wiring),
    merchants(wiring),
    programmes(wiring),
    ledgerResolvers(wiring),
    proofResolvers(wiring),
  ]);

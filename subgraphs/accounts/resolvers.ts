import { randomBytes } from 'node:crypto';
import type { Clock, NewId } from '../shared/ids.ts';
import type { Link } from '../shared/link.ts';
import { scalarResolvers } from '../shared/scalars.ts';
import type { Signer } from '../shared/signing/signer.ts';
import { beneficiaryResolvers } from './beneficiary/beneficiary-resolvers.ts';
import { caseResolvers } from './case/case-resolvers.ts';
import { commitHousehold } from './household/commit-household.ts';
import { householdReader } from './household/household-reader.ts';
import { householdResolvers } from './household/household-resolvers.ts';
import { returnPorts } from './household/return-after-departures.ts';
import { returnToThoseWhoLeft } from './household/return-to-those-who-left.ts';
import type { Ledger } from './ledger/ledger.ts';
import { type LedgerResolverPorts, ledgerResolvers } from './ledger/ledger-resolvers.ts';
import { memberResolvers } from './membership/member-resolvers.ts';
import { merchantResolvers } from './merchant/merchant-resolvers.ts';
import type { PriceAt } from './merchant/price-lookup.ts';
import { mergeResolvers } from './merge-resolvers.ts';
import { erasureResolvers } from './privacy/erasure-resolvers.ts';
import { privacyResolvers } from './privacy/privacy-resolvers.ts';
import { erasurePorts } from './privacy-wiring.ts';
import type { ProgrammeCatalogue } from './programme/programme-catalogue.ts';
import { programmeResolvers } from './programme/programme-resolvers.ts';
import type { Proof } from './proof/proof.ts';
import { proofResolvers } from './proof/proof-resolvers.ts';
import { deliveriesOf, reachesOf } from './reminder-deliveries.ts';
import { statementResolvers } from './statement/statement-resolvers.ts';
import type { Stores } from './stores.ts';
import type { CheckWebhookPorts } from './webhook/webhook-input.ts';
import { webhookResolvers } from './webhook/webhook-resolvers.ts';

/** What the resolvers are wired to. */
export interface ResolverWiring {
  readonly stores: Stores;
  readonly catalogue: ProgrammeCatalogue;
  readonly priceAt: PriceAt;
  readonly ledger: Ledger;
  readonly proof: Proof;
  readonly checkLedger: LedgerResolverPorts['checkLedger'];
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signer: Signer;
  readonly signLink: (link: Link) => Promise<string>;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Where webhooks may point. */
  readonly webhookTargets: CheckWebhookPorts;
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
    versionsOf: stores.programmes.versions,
    insertVersion: stores.programmes.insert,
    knownMerchants: async (ids) => new Set((await stores.merchants.byIds(ids)).map(({ id }) => id)),
    programmeAt: catalogue.programmeAt,
    allVersions: () => stores.programmes.versions(),
    clock,
  });

const webhooks = ({ stores, webhookTargets, inTransaction, clock, newId }: ResolverWiring) =>
  webhookResolvers({
    webhookByRequest: stores.webhooks.byRequest,
    webhooksOf: (merchantId) => stores.webhooks.live([merchantId]),
    insertWebhook: stores.webhooks.insert,
    changeWebhook: stores.webhooks.change,
    rotationByRequest: stores.rotations.byRequest,
    webhookOf: stores.webhooks.of,
    insertRotation: stores.rotations.insert,
    setSecrets: stores.webhooks.setSecrets,
    pauseWebhook: stores.webhooks.pause,
    resumeWebhook: stores.webhooks.resume,
    sendAfresh: stores.deliveries.sendAfresh,
    deleteWebhook: stores.webhooks.delete,
    knownDeliveries: stores.deliveries.known,
    revive: stores.deliveries.revive,
    deliveryPage: stores.deliveries.page,
    deadPage: stores.deliveries.deadPage,
    ...webhookTargets,
    inTransaction,
    clock,
    newId,
    random,
  });

const isBeingErased =
  ({ erasures }: Stores) =>
  async (memberId: string): Promise<boolean> =>
    ((await erasures.of(memberId))?.state ?? 'REFUSED') !== 'REFUSED';

/** Writes a member, so that a transaction meets the member's erasure; false if it is being erased or was. */
const touchLiving =
  (stores: Stores) =>
  async (memberId: string): Promise<boolean> =>
    !(await isBeingErased(stores)(memberId)) && (await stores.members.touch(memberId));

const beneficiaries = ({ stores, inTransaction, clock, newId }: ResolverWiring) =>
  beneficiaryResolvers({
    beneficiariesOf: stores.beneficiaries.of,
    replaceBeneficiaries: stores.beneficiaries.replace,
    memberByCardNumber: stores.members.byCardNumber,
    touchMember: touchLiving(stores),
    inTransaction,
    clock,
    newId,
  });

const households = ({ stores, ledger, inTransaction, clock, newId }: ResolverWiring) => {
  const committing = {
    insertHousehold: stores.households.insert,
    replaceHousehold: stores.households.replace,
    addSeat: stores.seats.add,
    touchMember: touchLiving(stores),
    removeSeats: stores.seats.remove,
    addRequest: stores.householdRequests.add,
    inTransaction,
  };
  return householdResolvers({
    requestOf: stores.householdRequests.of,
    householdById: async (id) => (await stores.households.byIds([id]))[0] ?? null,
    householdOf: householdReader(stores),
    householdByInvitation: stores.households.byInvitation,
    areThere: async (ids) => (await stores.members.byIds(ids)).length === new Set(ids).size,
    householdsAwaiting: stores.households.awaiting,
    memberByCardNumber: stores.members.byCardNumber,
    commit: (change) => commitHousehold(change, committing),
    returnPooled: (id) => returnToThoseWhoLeft(id, returnPorts(stores, ledger)),
    ...{ ledger, clock, newId },
  });
};

const statements = ({ stores, ledger, inTransaction, signer, signLink, clock }: ResolverWiring) =>
  statementResolvers({
    issued: stores.statements.of,
    latest: stores.statements.latest,
    insert: stores.statements.insert,
    readMonth: ledger.month,
    hasEarlier: async (memberId, to) =>
      (await ledger.postings({ memberId, to }, { first: 1, after: null })).length > 0,
    earnsAndReversals: (memberId, { from, to }, last) =>
      ledger.postings(
        { memberId, kinds: ['EARN', 'REVERSE'], from, to },
        { first: 4, after: last && [last.at.toISOString(), last.id] },
      ),
    merchantName: async (id) => (await stores.merchants.byIds([id]))[0]?.name ?? id,
    lineByRequest: stores.warmLines.byRequest,
    linesInForce: stores.warmLines.inForce,
    latestLine: stores.warmLines.latest,
    insertLine: stores.warmLines.insert,
    inTransaction,
    signer,
    signLink,
    clock,
  });

/** Writes what has fallen due for a member, in the pools of all its households too. */
const settleWallets =
  ({ households: { idsOfMember } }: Stores, ledger: Ledger) =>
  async (memberId: string): Promise<void> =>
    ledger.settle(memberId, await idsOfMember(memberId));

const privacy = ({ stores, ledger, inTransaction, clock, newId }: ResolverWiring) =>
  privacyResolvers({
    consentByRequest: stores.consents.byRequest,
    latestConsent: stores.consents.latest,
    insertConsent: stores.consents.insert,
    touchMember: touchLiving(stores),
    inTransaction,
    consentsInForce: stores.consents.inForce,
    consents: stores.consents.page,
    exportByRequest: stores.exports.byRequest,
    insertExport: stores.exports.insert,
    exports: stores.exports.latest,
    settleWallets: settleWallets(stores, ledger),
    beneficiaries: async (id) => (await stores.beneficiaries.of(id)).entries,
    households: stores.households.ofMember,
    invitations: stores.households.invitationsOf,
    pools: ledger.pools,
    pooled: ledger.pooled,
    legalHoldsOf: stores.legalHolds.ofMember,
    erasureOf: stores.erasures.of,
    wallets: ledger.wallets,
    lots: ledger.lots,
    lotsById: ledger.lotsById,
    postings: (memberId, page) => ledger.postings({ memberId }, page),
    reminders: (memberId, page) => ledger.remindersOf({ memberId }, page),
    statements: stores.statements.before,
    cases: (memberId, page) => ledger.cases({ memberId }, page),
    clock,
    newId,
  });

const erasure = (wiring: ResolverWiring) => {
  const { stores, newId } = wiring;
  return erasureResolvers({
    ...erasurePorts(wiring),
    erasureByRequest: stores.erasures.byRequest,
    beginErasure: stores.erasures.begin,
    legalHoldsOf: stores.legalHolds.ofMember,
    seatOf: stores.seats.of,
    touchMember: stores.members.touch,
    legalHoldByRequest: stores.legalHolds.byRequest,
    insertLegalHold: stores.legalHolds.insert,
    isBeingErased: isBeingErased(stores),
    releaseLegalHold: stores.legalHolds.release,
    newId,
  });
};

/** All resolvers of the subgraph. */
export const accountsResolvers = (wiring: ResolverWiring) =>
  mergeResolvers([
    scalarResolvers,
    membership(wiring),
    merchants(wiring),
    programmes(wiring),
    ledgerResolvers({
      ...wiring,
      settleWallets: settleWallets(wiring.stores, wiring.ledger),
      deliveriesOf: deliveriesOf(wiring.stores),
      reaches: reachesOf(wiring.stores, wiring.clock),
    }),
    webhooks(wiring),
    beneficiaries(wiring),
    households(wiring),
    proofResolvers(wiring),
    caseResolvers(wiring.ledger, wiring.clock),
    statements(wiring),
    privacy(wiring),
    erasure(wiring),
  ]);

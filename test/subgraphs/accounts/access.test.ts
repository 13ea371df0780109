import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import {
  type OpenedMerchant,
  openMerchant,
  publishProgramme,
  type RegisteredMember,
  registerMember,
  startTestAccounts,
  type TestAccounts,
} from '../../support/accounts.ts';
import { allKinds, asMerchant, type CallerKind, callerOf, everyScope } from '../../support/callers.ts';

let accounts: TestAccounts;
let pets: OpenedMerchant;
let member: RegisteredMember;

beforeAll(async () => {
  accounts = await startTestAccounts();
  await publishProgramme(accounts);
  pets = await openMerchant(accounts, 'Pets');
  member = await registerMember(accounts, pets, 'r-1', { displayName: '小明' });
});

afterAll(() => accounts.stop());

interface Row {
  readonly type: 'Query' | 'Mutation';
  readonly operation: string;
  readonly to: readonly CallerKind[];
  readonly scope?: string;
}

const refusal = '{ ... on Refusal { code } }';
const key = 'idempotencyKey: "k"';
const prices = 'issuePricePerThousand: 1, redemptionPricePerThousand: 1';
const everybody = allKinds;
const readers: CallerKind[] = ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR', 'SERVICE'];

// Written from the specification, not read from the schema: what the schema says must be this.
const rows: Record<string, Row> = {
  viewer: { type: 'Query', operation: '{ viewer { kind } }', to: everybody },
  member: { type: 'Query', operation: '{ member(id: "x") { id } }', to: readers, scope: 'READ' },
  merchant: { type: 'Query', operation: '{ merchant(id: "x") { id } }', to: everybody },
  merchants: { type: 'Query', operation: '{ merchants { edges { node { id } } } }', to: everybody },
  programme: { type: 'Query', operation: '{ programme(code: "SHARED") { code } }', to: everybody },
  programmes: { type: 'Query', operation: '{ programmes { code } }', to: everybody },
  disclosures: { type: 'Query', operation: '{ disclosures { hash } }', to: everybody },
  posting: { type: 'Query', operation: '{ posting(id: "x") { id } }', to: readers, scope: 'READ' },
  postings: {
    type: 'Query',
    operation: '{ postings { edges { cursor } } }',
    to: ['MERCHANT', 'OPERATOR', 'AUDITOR'],
    scope: 'READ',
  },
  positions: { type: 'Query', operation: '{ positions { issued } }', to: ['OPERATOR', 'AUDITOR'] },
  ledgerCheck: { type: 'Query', operation: '{ ledgerCheck { ok } }', to: ['OPERATOR', 'AUDITOR'] },
  resolveMember: {
    type: 'Query',
    operation: '{ resolveMember(member: { id: "x" }) { id } }',
    to: ['SERVICE'],
  },
  authenticateClient: {
    type: 'Query',
    operation: '{ authenticateClient(clientId: "x", clientSecret: "y") { merchantId } }',
    to: ['SERVICE'],
  },
  openMerchant: {
    type: 'Mutation',
    operation: `mutation { openMerchant(input: { ${key}, name: "", category: "", currency: "", ${prices} }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  createClientCredential: {
    type: 'Mutation',
    operation: `mutation { createClientCredential(input: { merchantId: "x" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  revokeClientCredential: {
    type: 'Mutation',
    operation: `mutation { revokeClientCredential(input: { clientId: "x" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  setPrices: {
    type: 'Mutation',
    operation: `mutation { setPrices(input: { ${key}, merchantId: "x", ${prices}, effectiveFrom: "2030-01-01T00:00:00Z" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  publishProgramme: {
    type: 'Mutation',
    operation: `mutation { publishProgramme(input: { ${key}, code: "", name: "", unlock: { kind: IMMEDIATE }, validity: { kind: ROLLING, months: 1 },
      cashEquivalentPerThousand: { amountMinor: 0, currency: "CNY" },
      disclosure: { earning: "", accrualBase: "", rounding: "", validity: "", redemption: "", honouringMerchants: "",
        exclusions: "", cashEquivalent: "" } }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  registerMember: {
    type: 'Mutation',
    operation: `mutation { registerMember(input: { reference: "" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MEMBERS',
  },
  issuePoints: {
    type: 'Mutation',
    operation: `mutation { issuePoints(input: { ${key}, member: { id: "x" }, points: 1 }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'POINTS',
  },
  redeemPoints: {
    type: 'Mutation',
    operation: `mutation { redeemPoints(input: { ${key}, member: { id: "x" }, points: 1 }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'POINTS',
  },
  reversePosting: {
    type: 'Mutation',
    operation: `mutation { reversePosting(input: { ${key}, postingId: "x", reason: "r" }) ${refusal} }`,
    to: ['MERCHANT', 'SERVICE'],
    scope: 'POINTS',
  },
  transferPoints: {
    type: 'Mutation',
    operation: `mutation { transferPoints(input: { ${key}, toCardNumber: "x", points: 1 }) ${refusal} }`,
    to: ['MEMBER'],
  },
  postEarn: {
    type: 'Mutation',
    operation: `mutation { postEarn(input: { ${key}, memberId: "x", merchantId: "x", programme: "SHARED", points: 1 }) ${refusal} }`,
    to: ['SERVICE'],
  },
  holdPoints: {
    type: 'Mutation',
    operation: `mutation { holdPoints(input: { ${key}, memberId: "x", merchantId: "x", programme: "SHARED", points: 1 }) ${refusal} }`,
    to: ['SERVICE'],
  },
  capturePoints: {
    type: 'Mutation',
    operation: `mutation { capturePoints(input: { ${key}, holdId: "x" }) ${refusal} }`,
    to: ['SERVICE'],
  },
  voidHold: {
    type: 'Mutation',
    operation: `mutation { voidHold(input: { ${key}, holdId: "x" }) ${refusal} }`,
    to: ['SERVICE'],
  },
  postDonation: {
    type: 'Mutation',
    operation: `mutation { postDonation(input: { ${key}, memberId: "x", causeId: "x", programme: "SHARED", points: 1 }) ${refusal} }`,
    to: ['SERVICE'],
  },
  unlockPoints: {
    type: 'Mutation',
    operation: `mutation { unlockPoints(input: { ${key}, postingId: "x", event: "delivered" }) ${refusal} }`,
    to: ['MERCHANT', 'SERVICE'],
    scope: 'POINTS',
  },
  createWebhook: {
    type: 'Mutation',
    operation: `mutation { createWebhook(input: { ${key}, url: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  updateWebhook: {
    type: 'Mutation',
    operation: `mutation { updateWebhook(input: { webhookId: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  rotateWebhookSecret: {
    type: 'Mutation',
    operation: `mutation { rotateWebhookSecret(input: { ${key}, webhookId: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  pauseWebhook: {
    type: 'Mutation',
    operation: `mutation { pauseWebhook(input: { webhookId: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  resumeWebhook: {
    type: 'Mutation',
    operation: `mutation { resumeWebhook(input: { webhookId: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  deleteWebhook: {
    type: 'Mutation',
    operation: `mutation { deleteWebhook(input: { webhookId: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  replayDeadLetters: {
    type: 'Mutation',
    operation: `mutation { replayDeadLetters(input: { webhookId: "x" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  addBeneficiary: {
    type: 'Mutation',
    operation: `mutation { addBeneficiary(input: { ${key}, cardNumber: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  removeBeneficiary: {
    type: 'Mutation',
    operation: `mutation { removeBeneficiary(input: { ${key}, beneficiaryId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  declineGift: {
    type: 'Mutation',
    operation: `mutation { declineGift(input: { ${key}, postingId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  ledgerProof: {
    type: 'Query',
    operation: `{ ledgerProof(postingId: "x") ${refusal} }`,
    to: ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR'],
    scope: 'READ',
  },
  seals: { type: 'Query', operation: '{ seals { edges { node { hash } } } }', to: everybody },
  signingKeys: { type: 'Query', operation: '{ signingKeys { kid } }', to: everybody },
  liabilities: { type: 'Query', operation: '{ liabilities { root } }', to: everybody },
  liabilityProof: { type: 'Query', operation: `{ liabilityProof ${refusal} }`, to: ['MEMBER'] },
  setWarmLine: {
    type: 'Mutation',
    operation: `mutation { setWarmLine(input: { ${key}, category: "" }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'MANAGE',
  },
  issuePointsBatch: {
    type: 'Mutation',
    operation: `mutation { issuePointsBatch(input: { items: [] }) ${refusal} }`,
    to: ['MERCHANT'],
    scope: 'POINTS',
  },
  grantConsent: {
    type: 'Mutation',
    operation: `mutation { grantConsent(input: { ${key}, partnerId: "x", purpose: MARKETING, textVersion: "" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  withdrawConsent: {
    type: 'Mutation',
    operation: `mutation { withdrawConsent(input: { ${key}, partnerId: "x", purpose: MARKETING }) ${refusal} }`,
    to: ['MEMBER'],
  },
  exportMember: {
    type: 'Mutation',
    operation: `mutation { exportMember(input: { ${key}, reason: "" }) ${refusal} }`,
    to: ['MEMBER', 'OPERATOR'],
  },
  eraseMember: {
    type: 'Mutation',
    operation: `mutation { eraseMember(input: { idempotencyKey: "" }) ${refusal} }`,
    to: ['MEMBER', 'OPERATOR'],
  },
  placeLegalHold: {
    type: 'Mutation',
    operation: `mutation { placeLegalHold(input: { ${key}, member: { id: "x" }, reason: "", until: "2030-01-01T00:00:00Z" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  releaseLegalHold: {
    type: 'Mutation',
    operation: `mutation { releaseLegalHold(input: { holdId: "x" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  case: {
    type: 'Query',
    operation: '{ case(id: "x") { id } }',
    to: ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR'],
    scope: 'CASES',
  },
  cases: {
    type: 'Query',
    operation: '{ cases { edges { cursor } } }',
    to: ['MERCHANT', 'OPERATOR', 'AUDITOR'],
    scope: 'CASES',
  },
  caseCounts: { type: 'Query', operation: '{ caseCounts { opened } }', to: everybody },
  openCase: {
    type: 'Mutation',
    operation: `mutation { openCase(input: { ${key}, member: { id: "x" }, reason: OTHER, statement: "", evidence: [], disputedPoints: 1 }) ${refusal} }`,
    to: ['MERCHANT', 'OPERATOR'],
    scope: 'CASES',
  },
  reviewCase: {
    type: 'Mutation',
    operation: `mutation { reviewCase(input: { ${key}, caseId: "x", verdict: FREEZE, statement: "" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  confirmCase: {
    type: 'Mutation',
    operation: `mutation { confirmCase(input: { ${key}, caseId: "x", statement: "" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  decideCase: {
    type: 'Mutation',
    operation: `mutation { decideCase(input: { ${key}, caseId: "x", verdict: DISMISS, statement: "" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  appealCase: {
    type: 'Mutation',
    operation: `mutation { appealCase(input: { ${key}, caseId: "x", statement: "" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  decideCaseAppeal: {
    type: 'Mutation',
    operation: `mutation { decideCaseAppeal(input: { ${key}, caseId: "x", verdict: REJECT, statement: "" }) ${refusal} }`,
    to: ['OPERATOR'],
  },
  extendedLots: {
    type: 'Query',
    operation: '{ extendedLots { edges { cursor } } }',
    to: ['OPERATOR', 'AUDITOR'],
  },
  overdueReminders: {
    type: 'Query',
    operation: '{ overdueReminders { edges { cursor } } }',
    to: ['OPERATOR', 'AUDITOR'],
  },
  unreachedReminders: {
    type: 'Query',
    operation: '{ unreachedReminders { edges { cursor } } }',
    to: ['OPERATOR', 'AUDITOR'],
  },
  restoreLot: {
    type: 'Mutation',
    operation: `mutation { restoreLot(input: { ${key}, lotId: "x" }) ${refusal} }`,
    to: ['MEMBER', 'MERCHANT'],
    scope: 'POINTS',
  },
  createHousehold: {
    type: 'Mutation',
    operation: `mutation { createHousehold(input: { ${key}, name: "" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  inviteToHousehold: {
    type: 'Mutation',
    operation: `mutation { inviteToHousehold(input: { ${key}, cardNumber: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  acceptHouseholdInvitation: {
    type: 'Mutation',
    operation: `mutation { acceptHouseholdInvitation(input: { ${key}, invitationId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  declineHouseholdInvitation: {
    type: 'Mutation',
    operation: `mutation { declineHouseholdInvitation(input: { ${key}, invitationId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  withdrawHouseholdInvitation: {
    type: 'Mutation',
    operation: `mutation { withdrawHouseholdInvitation(input: { ${key}, invitationId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  setHouseholdRole: {
    type: 'Mutation',
    operation: `mutation { setHouseholdRole(input: { ${key}, householdMemberId: "x", role: ADULT }) ${refusal} }`,
    to: ['MEMBER'],
  },
  setHouseholdLimits: {
    type: 'Mutation',
    operation: `mutation { setHouseholdLimits(input: { ${key}, householdMemberId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  handOverHousehold: {
    type: 'Mutation',
    operation: `mutation { handOverHousehold(input: { ${key}, householdMemberId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  removeFromHousehold: {
    type: 'Mutation',
    operation: `mutation { removeFromHousehold(input: { ${key}, householdMemberId: "x" }) ${refusal} }`,
    to: ['MEMBER'],
  },
  leaveHousehold: {
    type: 'Mutation',
    operation: `mutation { leaveHousehold(input: { ${key} }) ${refusal} }`,
    to: ['MEMBER'],
  },
  dissolveHousehold: {
    type: 'Mutation',
    operation: `mutation { dissolveHousehold(input: { ${key} }) ${refusal} }`,
    to: ['MEMBER'],
  },
  contributeToHousehold: {
    type: 'Mutation',
    operation: `mutation { contributeToHousehold(input: { ${key}, points: 1 }) ${refusal} }`,
    to: ['MEMBER'],
  },
};

test('the table has every query and mutation', () => {
  const declared = readSubgraphSchema('accounts').definitions.flatMap((definition) =>
    ['ObjectTypeDefinition', 'ObjectTypeExtension'].includes(definition.kind) &&
    'fields' in definition &&
    'name' in definition &&
    ['Query', 'Mutation'].includes(definition.name.value)
      ? (definition.fields ?? []).map((field) => `${definition.name.value}.${field.name.value}`)
      : [],
  );

  expect(Object.entries(rows).map(([field, { type }]) => `${type}.${field}`)).toEqual(declared);
});

describe.each(Object.entries(rows))('%s', (field, { type, operation, to, scope }) => {
  test.each(allKinds)('by %s', async (kind) => {
    const { status, errors } = await accounts.ask(callerOf(kind, member.id, pets.id), operation);

    if (to.includes(kind)) {
      expect(errors).toEqual([]);
      expect(status).toBe(200);
    } else {
      const code = kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
      expect(errors.map(({ extensions, path }) => [extensions.code, path])).toEqual([[code, [field]]]);
      expect(errors[0]?.message).toMatch(new RegExp(`^${type}\\.${field} `));
    }
  });

  if (scope)
    test(`by a merchant's credential without ${scope}`, async () => {
      const without = asMerchant(
        pets.id,
        everyScope.filter((other) => other !== scope),
      );

      const { errors } = await accounts.ask(without, operation);

      expect(errors.map(({ message }) => message)).toEqual([`${type}.${field} needs the scope ${scope}.`]);
    });
});

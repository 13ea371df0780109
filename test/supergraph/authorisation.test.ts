import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSchema, isObjectType } from 'graphql';
import { composedFiles } from '../../schema/compose.ts';
import {
  type Caller,
  callerHeader,
  callerKey,
  type OutsideCaller,
  signCaller,
} from '../../subgraphs/shared/caller.ts';
import { postGraphql, startCoalition, type TestCoalition } from '../support/coalition.ts';
import { mutate, seeds, type TestMember, type TestMerchant, unique } from '../support/seed.ts';

let coalition: TestCoalition;
let petShop: TestMerchant;
let cafe: TestMerchant;
let ours: TestMember;
let other: TestMember;

beforeAll(async () => {
  coalition = await startCoalition();
  const seed = seeds(coalition);
  await seed.programme();
  petShop = await seed.merchant('Pet shop');
  cafe = await seed.merchant('Café');
  ours = await seed.member([petShop], 'ours');
  other = await seed.member([cafe], 'other');
  await seed.earn(petShop, ours, 100);
  await seed.earn(cafe, other, 100);
});

afterAll(() => coalition.stop());

const kinds = ['PUBLIC', 'MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR', 'ADVISER', 'CHARITY'] as const;
type Kind = (typeof kinds)[number];

async function tokenOf(kind: Kind): Promise<string | null> {
  if (kind === 'PUBLIC') return null;
  if (kind === 'MEMBER') return ours.token;
  if (kind === 'MERCHANT') return petShop.token;
  return coalition.tokenOf({ kind, subject: 'test' });
}

const everyone: readonly Kind[] = kinds;
const input = '(input: $input) { __typename }';

/** Every field of Query and Mutation: how it is asked for, and who may. Written by hand, not read from the rules. */
const table: readonly [
  field: string,
  selection: string,
  inputType: string | null,
  allowed: readonly Kind[],
][] = [
  ['viewer', '{ kind }', null, everyone],
  ['member', '(id: "mem_x") { id }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['merchant', '(id: "mer_x") { id }', null, everyone],
  ['merchants', '{ edges { cursor } }', null, everyone],
  ['programme', '(code: "SHARED") { code }', null, everyone],
  ['programmes', '{ code }', null, everyone],
  ['disclosures', '{ hash }', null, everyone],
  ['posting', '(id: "pos_x") { id }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['postings', '{ edges { cursor } }', null, ['MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['positions', '{ issued }', null, ['OPERATOR', 'AUDITOR']],
  ['extendedLots', '{ edges { cursor } }', null, ['OPERATOR', 'AUDITOR']],
  ['overdueReminders', '{ edges { cursor } }', null, ['OPERATOR', 'AUDITOR']],
  ['unreachedReminders', '{ edges { cursor } }', null, ['OPERATOR', 'AUDITOR']],
  ['ledgerCheck', '{ ok }', null, ['OPERATOR', 'AUDITOR']],
  ['ledgerProof', '(postingId: "pos_x") { __typename }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['seals', '{ edges { cursor } }', null, everyone],
  ['signingKeys', '{ kid }', null, everyone],
  ['liabilities', '{ root }', null, everyone],
  ['liabilityProof', '{ __typename }', null, ['MEMBER']],
  ['case', '(id: "case_x") { id }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['cases', '{ edges { cursor } }', null, ['MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['caseCounts', '{ opened }', null, everyone],
  ['campaigns', '{ edges { cursor } }', null, everyone],
  ['campaign', '(id: "cam_x") { id }', null, everyone],
  ['purchase', '(id: "pur_x") { id }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['rewards', '{ edges { cursor } }', null, everyone],
  ['reward', '(id: "rew_x") { id }', null, everyone],
  ['redemption', '(id: "red_x") { id }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['voucher', '(code: "0000-0000-0000-0000") { id }', null, ['MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['causes', '{ edges { cursor } }', null, everyone],
  ['cause', '(id: "cau_x") { id }', null, everyone],
  ['donation', '(id: "don_x") { id }', null, ['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']],
  ['openMerchant', input, 'OpenMerchantInput', ['OPERATOR']],
  ['createClientCredential', input, 'CreateClientCredentialInput', ['OPERATOR']],
  ['revokeClientCredential', input, 'RevokeClientCredentialInput', ['OPERATOR']],
  ['setPrices', input, 'SetPricesInput', ['OPERATOR']],
  ['publishProgramme', input, 'PublishProgrammeInput', ['OPERATOR']],
  ['registerMember', input, 'RegisterMemberInput', ['MERCHANT']],
  ['issuePoints', input, 'IssuePointsInput', ['MERCHANT']],
  ['issuePointsBatch', input, 'IssuePointsBatchInput', ['MERCHANT']],
  ['redeemPoints', input, 'RedeemPointsInput', ['MERCHANT']],
  ['reversePosting', input, 'ReversePostingInput', ['MERCHANT']],
  ['restoreLot', input, 'RestoreLotInput', ['MEMBER', 'MERCHANT']],
  ['transferPoints', input, 'TransferPointsInput', ['MEMBER']],
  ['addBeneficiary', input, 'AddBeneficiaryInput', ['MEMBER']],
  ['removeBeneficiary', input, 'RemoveBeneficiaryInput', ['MEMBER']],
  ['declineGift', input, 'DeclineGiftInput', ['MEMBER']],
  ['unlockPoints', input, 'UnlockPointsInput', ['MERCHANT']],
  ['createWebhook', input, 'CreateWebhookInput', ['MERCHANT']],
  ['updateWebhook', input, 'UpdateWebhookInput', ['MERCHANT']],
  ['rotateWebhookSecret', input, 'RotateWebhookSecretInput', ['MERCHANT']],
  ['pauseWebhook', input, 'WebhookSelector', ['MERCHANT']],
  ['resumeWebhook', input, 'WebhookSelector', ['MERCHANT']],
  ['deleteWebhook', input, 'WebhookSelector', ['MERCHANT']],
  ['replayDeadLetters', input, 'ReplayDeadLettersInput', ['MERCHANT']],
  ['setWarmLine', input, 'SetWarmLineInput', ['MERCHANT']],
  ['grantConsent', input, 'GrantConsentInput', ['MEMBER']],
  ['withdrawConsent', input, 'WithdrawConsentInput', ['MEMBER']],
  ['exportMember', input, 'ExportMemberInput', ['MEMBER', 'OPERATOR']],
  ['eraseMember', input, 'EraseMemberInput', ['MEMBER', 'OPERATOR']],
  ['placeLegalHold', input, 'PlaceLegalHoldInput', ['OPERATOR']],
  ['releaseLegalHold', input, 'ReleaseLegalHoldInput', ['OPERATOR']],
  ['openCase', input, 'OpenCaseInput', ['MERCHANT', 'OPERATOR']],
  ['reviewCase', input, 'ReviewCaseInput', ['OPERATOR']],
  ['confirmCase', input, 'ConfirmCaseInput', ['OPERATOR']],
  ['decideCase', input, 'DecideCaseInput', ['OPERATOR']],
  ['appealCase', input, 'AppealCaseInput', ['MEMBER']],
  ['decideCaseAppeal', input, 'DecideCaseAppealInput', ['OPERATOR']],
  ['createHousehold', input, 'CreateHouseholdInput', ['MEMBER']],
  ['inviteToHousehold', input, 'InviteToHouseholdInput', ['MEMBER']],
  ['acceptHouseholdInvitation', input, 'HouseholdInvitationInput', ['MEMBER']],
  ['declineHouseholdInvitation', input, 'HouseholdInvitationInput', ['MEMBER']],
  ['withdrawHouseholdInvitation', input, 'HouseholdInvitationInput', ['MEMBER']],
  ['setHouseholdRole', input, 'SetHouseholdRoleInput', ['MEMBER']],
  ['setHouseholdLimits', input, 'SetHouseholdLimitsInput', ['MEMBER']],
  ['handOverHousehold', input, 'HouseholdMemberInput', ['MEMBER']],
  ['removeFromHousehold', input, 'HouseholdMemberInput', ['MEMBER']],
  ['leaveHousehold', input, 'HouseholdRequestInput', ['MEMBER']],
  ['dissolveHousehold', input, 'HouseholdRequestInput', ['MEMBER']],
  ['contributeToHousehold', input, 'ContributeToHouseholdInput', ['MEMBER']],
  ['createCampaign', input, 'CreateCampaignInput', ['MERCHANT', 'OPERATOR']],
  ['publishCampaign', input, 'PublishCampaignInput', ['MERCHANT', 'OPERATOR']],
  ['recordPurchase', input, 'RecordPurchaseInput', ['MERCHANT']],
  ['recordReturn', input, 'RecordReturnInput', ['MERCHANT']],
  ['createReward', input, 'CreateRewardInput', ['MERCHANT', 'OPERATOR']],
  ['publishReward', input, 'PublishRewardInput', ['MERCHANT', 'OPERATOR']],
  ['redeemReward', input, 'RedeemRewardInput', ['MEMBER', 'MERCHANT']],
  ['cancelRedemption', input, 'CancelRedemptionInput', ['MEMBER', 'MERCHANT', 'OPERATOR']],
  ['consumeVoucher', input, 'ConsumeVoucherInput', ['MERCHANT']],
  ['openCause', input, 'OpenCauseInput', ['OPERATOR']],
  ['pledgeMatching', input, 'PledgeMatchingInput', ['MERCHANT']],
  ['donatePoints', input, 'DonatePointsInput', ['MEMBER', 'MERCHANT']],
];

/** Inputs that no use case accepts, so that the table changes nothing: an empty key is refused everywhere. */
const harmless: Record<string, object> = {
  OpenMerchantInput: {
    idempotencyKey: '',
    name: '',
    category: '',
    currency: '',
    issuePricePerThousand: -1,
    redemptionPricePerThousand: -1,
  },
  CreateClientCredentialInput: { merchantId: 'mer_x' },
  RevokeClientCredentialInput: { clientId: 'none' },
  SetPricesInput: {
    idempotencyKey: '',
    merchantId: 'mer_x',
    issuePricePerThousand: 1,
    redemptionPricePerThousand: 1,
    effectiveFrom: '2000-01-01T00:00:00Z',
  },
  PublishProgrammeInput: {
    idempotencyKey: '',
    code: '',
    name: '',
    unlock: { kind: 'IMMEDIATE' },
    validity: { kind: 'ROLLING', months: 1 },
    cashEquivalentPerThousand: { amountMinor: 1, currency: 'CNY' },
    disclosure: {
      earning: '',
      accrualBase: '',
      rounding: '',
      validity: '',
      redemption: '',
      honouringMerchants: '',
      exclusions: '',
      cashEquivalent: '',
    },
  },
  RegisterMemberInput: { reference: '' },
  IssuePointsInput: { idempotencyKey: '', member: { id: 'mem_x' }, points: 0 },
  IssuePointsBatchInput: { items: [] },
  UnlockPointsInput: { idempotencyKey: '', postingId: 'pos_x', event: '' },
  CreateWebhookInput: { idempotencyKey: '', url: '' },
  UpdateWebhookInput: { webhookId: 'none' },
  RotateWebhookSecretInput: { idempotencyKey: '', webhookId: 'none' },
  WebhookSelector: { webhookId: 'none' },
  ReplayDeadLettersInput: { webhookId: 'none' },
  SetWarmLineInput: { idempotencyKey: '', category: '', texts: null },
  OpenCaseInput: {
    ...{ idempotencyKey: '', member: { id: 'mem_x' }, reason: 'OTHER', statement: '' },
    ...{ evidence: [], disputedPoints: 0 },
  },
  ReviewCaseInput: { idempotencyKey: '', caseId: 'case_x', verdict: 'DISMISS', statement: '' },
  ConfirmCaseInput: { idempotencyKey: '', caseId: 'case_x', statement: '' },
  DecideCaseInput: { idempotencyKey: '', caseId: 'case_x', verdict: 'DISMISS', statement: '' },
  AppealCaseInput: { idempotencyKey: '', caseId: 'case_x', statement: '' },
  DecideCaseAppealInput: { idempotencyKey: '', caseId: 'case_x', verdict: 'REJECT', statement: '' },
  RedeemPointsInput: { idempotencyKey: '', member: { id: 'mem_x' }, points: 0 },
  ReversePostingInput: { idempotencyKey: '', postingId: 'pos_x', reason: '' },
  TransferPointsInput: { idempotencyKey: '', toCardNumber: '0', points: 0 },
  AddBeneficiaryInput: { idempotencyKey: '', cardNumber: '0' },
  RemoveBeneficiaryInput: { idempotencyKey: '', beneficiaryId: 'ben_x' },
  DeclineGiftInput: { idempotencyKey: '', postingId: 'pos_x' },
  GrantConsentInput: { idempotencyKey: '', partnerId: 'mer_x', purpose: 'MARKETING', textVersion: '' },
  WithdrawConsentInput: { idempotencyKey: '', partnerId: 'mer_x', purpose: 'MARKETING' },
  ExportMemberInput: { idempotencyKey: '' },
  EraseMemberInput: { idempotencyKey: '' },
  PlaceLegalHoldInput: {
    ...{ idempotencyKey: '', member: { id: 'mem_x' }, reason: '' },
    until: '2000-01-01T00:00:00Z',
  },
  ReleaseLegalHoldInput: { holdId: 'none' },
  RestoreLotInput: { idempotencyKey: '', lotId: 'lot_x' },
  CreateHouseholdInput: { idempotencyKey: '', name: '' },
  InviteToHouseholdInput: { idempotencyKey: '', cardNumber: '0' },
  HouseholdInvitationInput: { idempotencyKey: '', invitationId: 'inv_x' },
  SetHouseholdRoleInput: { idempotencyKey: '', householdMemberId: 'hmb_x', role: 'ADULT' },
  SetHouseholdLimitsInput: { idempotencyKey: '', householdMemberId: 'hmb_x' },
  HouseholdMemberInput: { idempotencyKey: '', householdMemberId: 'hmb_x' },
  HouseholdRequestInput: { idempotencyKey: '' },
  ContributeToHouseholdInput: { idempotencyKey: '', points: 0 },
  CreateCampaignInput: { idempotencyKey: '', name: '', startsAt: '2020-01-01T00:00:00Z', rules: [] },
  PublishCampaignInput: { campaignId: 'cam_x' },
  RecordPurchaseInput: {
    idempotencyKey: '',
    member: { id: 'mem_x' },
    externalRef: '',
    currency: '',
    lines: [],
  },
  RecordReturnInput: { idempotencyKey: '', externalRef: '' },
  CreateRewardInput: { idempotencyKey: '', name: '', description: '', category: '', points: 0 },
  PublishRewardInput: { rewardId: 'rew_x' },
  RedeemRewardInput: { idempotencyKey: '', rewardId: 'rew_x' },
  CancelRedemptionInput: { idempotencyKey: '', redemptionId: 'red_x', reason: '' },
  ConsumeVoucherInput: { idempotencyKey: '', code: '', externalRef: '' },
  OpenCauseInput: {
    idempotencyKey: '',
    name: '',
    description: '',
    kind: '',
    charityName: '',
    charityRegistrationNumber: '',
  },
  PledgeMatchingInput: {
    idempotencyKey: '',
    causeId: 'cau_x',
    goods: '',
    unit: '',
    pointsPerStep: 0,
    quantityPerStep: 0,
    limitQuantity: 0,
    agreementRef: '',
  },
  DonatePointsInput: { idempotencyKey: '', causeId: 'cau_x', points: 0 },
};

test('the table names every field of Query and Mutation', () => {
  const api = buildSchema(readFileSync(composedFiles.api, 'utf8'));
  const fields = ['Query', 'Mutation'].flatMap((name) => {
    const type = api.getType(name);
    return isObjectType(type) ? Object.keys(type.getFields()) : [];
  });

  expect(table.map(([field]) => field).sort()).toEqual(fields.sort());
});

test.each(table)('%s', async (field, selection, inputType, allowed) => {
  const query = inputType
    ? `mutation ($input: ${inputType}!) { ${field}${selection} }`
    : `{ ${field}${selection} }`;
  const variables = inputType ? { input: harmless[inputType] } : {};

  const letIn: Kind[] = [];
  for (const kind of kinds) {
    const { errors } = await coalition.ask(await tokenOf(kind), query, variables);
    const denied = (errors ?? [])
      .map((error) => error.extensions.code)
      .filter((code) => code === 'UNAUTHENTICATED' || code === 'FORBIDDEN');
    if (denied.length === 0) letIn.push(kind);
    else expect(denied).toEqual([kind === 'PUBLIC' ? 'UNAUTHENTICATED' : 'FORBIDDEN']);
  }

  expect(letIn).toEqual(allowed);
});

test("a merchant's credential does only what its scopes say", async () => {
  const seed = seeds(coalition);
  const created = await mutate<{ clientId: string; clientSecret: string }>(
    coalition,
    await seed.operator(),
    'createClientCredential',
    'CreateClientCredentialInput',
    '... on ClientCredentialCreated { clientId clientSecret }',
    { merchantId: petShop.id, scopes: ['PURCHASES', 'READ'] },
  );
  const form = {
    grant_type: 'client_credentials',
    client_id: created.clientId,
    client_secret: created.clientSecret,
  };
  const response = await fetch(`${coalition.origin}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token: till, scope } = (await response.json()) as { access_token: string; scope: string };

  const issue = await coalition.ask(
    till,
    'mutation ($input: IssuePointsInput!) { issuePoints(input: $input) { __typename } }',
    { input: harmless['IssuePointsInput'] },
  );
  const read = await coalition.ask(till, 'query ($id: ID!) { member(id: $id) { id } }', { id: ours.id });

  expect(scope.split(' ').sort()).toEqual(['PURCHASES', 'READ']);
  expect(issue.errors![0]!.extensions.code).toBe('FORBIDDEN');
  expect(read).toEqual({ data: { member: { id: ours.id } } });
  await mutate(
    coalition,
    await seed.operator(),
    'revokeClientCredential',
    'RevokeClientCredentialInput',
    '',
    { clientId: created.clientId },
  );
  const after = await fetch(`${coalition.origin}/token`, { method: 'POST', body: new URLSearchParams(form) });
  expect(after.status).toBe(401);
});

test("a merchant does not see another merchant's member, by any way in", async () => {
  const queries = [
    `query ($id: ID!) { member(id: $id) { id wallet { available } } }`,
    `query ($reference: String!) { member(reference: $reference) { id } }`,
    `query ($cardNumber: String!) { member(cardNumber: $cardNumber) { id } }`,
  ];
  const variables = { id: other.id, reference: 'other', cardNumber: other.cardNumber };

  for (const query of queries) {
    expect(await coalition.ask(petShop.token, query, variables)).toEqual({ data: { member: null } });
    expect((await coalition.ask(ours.token, query, variables)).data).toEqual({ member: null });
  }
  const acts: [string, string, object][] = [
    ['issuePoints', 'IssuePointsInput', { member: { id: other.id }, points: 5 }],
    ['redeemPoints', 'RedeemPointsInput', { member: { id: other.id }, points: 5 }],
    [
      'recordPurchase',
      'RecordPurchaseInput',
      {
        member: { id: other.id },
        externalRef: unique('receipt'),
        currency: 'CNY',
        lines: [{ sku: 'A', quantity: 1, amountMinor: 100 }],
      },
    ],
  ];
  for (const [field, type, rest] of acts) {
    const result = await mutate(coalition, petShop.token, field, type, '... on NotFound { what }', {
      idempotencyKey: unique('act'),
      ...rest,
    });
    expect(result).toMatchObject({ __typename: 'NotFound', what: 'MEMBER' });
  }
  const wallet = await coalition.send(other.token, '{ viewer { member { wallet { available } } } }');
  expect(wallet).toEqual({ viewer: { member: { wallet: { available: 100 } } } });
});

test("a merchant sees neither another's price nor another's position", async () => {
  const query = `query ($id: ID!) { merchant(id: $id) { name price { issuePricePerThousand } position { issued } } }`;

  const answer = await coalition.ask(petShop.token, query, { id: cafe.id });

  expect(answer.data).toEqual({ merchant: { name: 'Café', price: null, position: null } });
  expect(answer.errors!.map((error) => error.extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
});

test("a merchant knows a member only under its own reference, and a member nobody's", async () => {
  const query = 'query ($id: ID!) { member(id: $id) { reference } }';

  expect(await coalition.ask(petShop.token, query, { id: ours.id })).toEqual({
    data: { member: { reference: 'ours' } },
  });
  expect(await coalition.ask(ours.token, query, { id: ours.id })).toEqual({
    data: { member: { reference: null } },
  });
});

test('a token that is forged, unsigned, expired or for another service is refused, never taken for nobody', async () => {
  const [head, body] = petShop.token.split('.') as [string, string, string];
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`;
  const altered = `${head}.${Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), kind: 'OPERATOR' })).toString('base64url')}.${petShop.token.split('.')[2]}`;

  for (const token of [unsigned, altered, 'nonsense', `${petShop.token}x`]) {
    const response = await fetch(`${coalition.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { kind } }' }),
    });
    expect(response.status).toBe(401);
    expect(
      ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]!.extensions.code,
    ).toBe('UNAUTHENTICATED');
  }
});

test('a forwarded caller that a client makes up is ignored by the gateway', async () => {
  const operator: Caller = { kind: 'OPERATOR', subject: 'forged' };
  const forged = await signCaller(operator, callerKey('not the secret of this coalition, but as long'));

  const answer = await postGraphql(
    `${coalition.origin}/graphql`,
    { [callerHeader]: forged },
    '{ viewer { kind } }',
    {},
  );

  expect(answer).toEqual({ data: { viewer: { kind: 'PUBLIC' } } });
});

test('a subgraph answers nobody without a caller signed with the internal key', async () => {
  const outside: OutsideCaller = { kind: 'OPERATOR', subject: 'x' };
  const forged = await signCaller(outside, callerKey('not the secret of this coalition, but as long'));
  const right = await signCaller(outside, coalition.key);

  for (const url of Object.values(coalition.subgraphs)) {
    for (const headers of [
      {},
      { [callerHeader]: forged },
      { [callerHeader]: 'x.y.z' },
      { authorization: `Bearer ${petShop.token}` },
    ]) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
        body: '{"query":"{ __typename }"}',
      });
      expect(response.status).toBe(401);
    }
    expect(await postGraphql(url, { [callerHeader]: right }, '{ __typename }', {})).toEqual({
      data: { __typename: 'Query' },
    });
  }
});

test('fields for services are closed to everybody else, even at a subgraph', async () => {
  const operator = await signCaller({ kind: 'OPERATOR', subject: 'x' }, coalition.key);
  const query = 'mutation ($input: PostEarnInput!) { postEarn(input: $input) { __typename } }';
  const earn = {
    idempotencyKey: unique('forged'),
    memberId: ours.id,
    merchantId: petShop.id,
    programme: 'SHARED',
    points: 1000,
  };

  const atSubgraph = await postGraphql(coalition.subgraphs.accounts, { [callerHeader]: operator }, query, {
    input: earn,
  });
  const atGateway = await coalition.ask(await coalition.tokenOf({ kind: 'OPERATOR', subject: 'x' }), query, {
    input: earn,
  });

  expect(atSubgraph.errors![0]!.extensions.code).toBe('FORBIDDEN');
  expect(atGateway.errors![0]!.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await coalition.send(ours.token, '{ viewer { member { wallet { available } } } }')).toEqual({
    viewer: { member: { wallet: { available: 100 } } },
  });
});

test('a merchant is not told where else its member shops or gives', async () => {
  const seed = seeds(coalition);
  const both = await seed.member([petShop, cafe]);
  await seed.earn(petShop, both, 70);
  await seed.earn(cafe, both, 30);
  const causeId = await seed.cause();
  const give = { idempotencyKey: unique('give'), causeId, member: { id: both.id }, points: 20 };
  await mutate(coalition, petShop.token, 'donatePoints', 'DonatePointsInput', '', give);
  const query = `query ($id: ID!) { member(id: $id) { impact { points } donations { edges { node { points } } }
    postings { edges { node { kind } } } wallet { available lots { edges { node { issuer { name } } } } } } }`;
  const seenBy = async (token: string) =>
    (await coalition.send<{ member: object }>(token, query, { id: both.id })).member;
  const lots = (...names: (string | null)[]) => ({
    edges: names.map((name) => ({ node: { issuer: name && { name } } })),
  });
  const kinds = (...found: string[]) => ({ edges: found.map((kind) => ({ node: { kind } })) });

  expect(await seenBy(cafe.token)).toEqual({
    impact: { points: 0 },
    donations: { edges: [] },
    postings: kinds('EARN'),
    wallet: { available: 80, lots: lots('Café') },
  });
  expect(await seenBy(petShop.token)).toMatchObject({
    impact: { points: 20 },
    donations: { edges: [{ node: { points: 20 } }] },
    wallet: { lots: lots('Pet shop') },
  });
  expect(await seenBy(both.token)).toMatchObject({
    donations: { edges: [{ node: { points: 20 } }] },
    postings: kinds('DONATE', 'EARN', 'EARN'),
    wallet: { lots: lots('Pet shop', 'Café') },
  });

  const consent = async (purpose: string) =>
    mutate(coalition, both.token, 'grantConsent', 'GrantConsentInput', '', {
      idempotencyKey: unique('consent'),
      partnerId: cafe.id,
      purpose,
      textVersion: 'test-1',
    });
  await consent('SHARE_BALANCE');
  expect(await seenBy(cafe.token)).toMatchObject({
    postings: kinds('EARN'),
    wallet: { lots: lots(null, 'Café') },
  });
  await consent('SHARE_ACTIVITY');
  expect(await seenBy(cafe.token)).toMatchObject({
    impact: { points: 0 },
    donations: { edges: [] },
    postings: kinds('EARN', 'EARN'),
    wallet: { lots: lots('Pet shop', 'Café') },
  });
  expect(await seenBy(petShop.token)).toMatchObject({ wallet: { lots: lots('Pet shop') } });
});

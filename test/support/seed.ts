import type { TestCoalition } from './coalition.ts';
import { afterDays, forMonths } from './policy.ts';

/** A merchant of a test, with a token that may do everything. */
export interface TestMerchant {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly token: string;
}

/** A member of a test, with a session token. */
export interface TestMember {
  readonly id: string;
  readonly cardNumber: string;
  readonly token: string;
}

let counter = 0;
/** A text that no other call gave, for idempotency keys and references. */
export const unique = (prefix: string): string => `${prefix}-${Date.now().toString(36)}-${++counter}`;

const isTimeout = (error: unknown): boolean => String(error).includes('"code":"TIMEOUT"');

/**
 * Sends a mutation with one input and gives its result, success or refusal. On a busy machine the gateway may give up
 * waiting: then it is sent again with the same key, as the gateway says.
 */
export async function mutate<T = Record<string, unknown>>(
  coalition: TestCoalition,
  token: string | null,
  field: string,
  inputType: string,
  selection: string,
  input: object,
): Promise<T & { __typename: string }> {
  const query = `mutation ($input: ${inputType}!) { ${field}(input: $input) { __typename ... on Refusal { code message } ${selection} } }`;
  for (let attempt = 1; ; attempt++) {
    try {
      const data = await coalition.send<Record<string, T & { __typename: string }>>(token, query, { input });
      return data[field]!;
    } catch (error) {
      if (attempt === 5 || !isTimeout(error)) throw error;
    }
  }
}

/** Builds a world through the public endpoint. Each call makes something new. */
export function seeds(coalition: TestCoalition) {
  const operator = () => coalition.tokenOf({ kind: 'OPERATOR', subject: 'test-operator' });
  const auditor = () => coalition.tokenOf({ kind: 'AUDITOR', subject: 'test-auditor' });

  async function programme(code = 'SHARED', unlockAfterDays = 0, policy: object = {}): Promise<void> {
    const text = 'As the test says.';
    const disclosure = {
      earning: text,
      accrualBase: text,
      rounding: text,
      validity: text,
      redemption: text,
      honouringMerchants: text,
      exclusions: text,
      cashEquivalent: text,
      unlock: text,
      arrears: text,
      transfer: text,
      reminders: text,
    };
    const input = {
      idempotencyKey: unique('programme'),
      code,
      name: code,
      unlock: afterDays(unlockAfterDays),
      validity: forMonths(12),
      transfers: { allowed: true, declineWithinDays: 7 },
      cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
      disclosure,
      ...policy,
    };
    const result = await mutate(
      coalition,
      await operator(),
      'publishProgramme',
      'PublishProgrammeInput',
      '',
      input,
    );
    if (result.__typename !== 'ProgrammePublished') throw new Error(JSON.stringify(result));
  }

  async function merchant(
    name: string,
    prices = { issuePricePerThousand: 1100, redemptionPricePerThousand: 1000 },
  ): Promise<TestMerchant> {
    const input = { idempotencyKey: unique('merchant'), name, category: 'shop', currency: 'CNY', ...prices };
    const opened = await mutate<{ merchant: { id: string }; clientId: string; clientSecret: string }>(
      coalition,
      await operator(),
      'openMerchant',
      'OpenMerchantInput',
      '... on MerchantOpened { merchant { id } clientId clientSecret }',
      input,
    );
    const { clientId, clientSecret } = opened;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    });
    const response = await fetch(`${coalition.origin}/token`, { method: 'POST', body: form });
    const { access_token: token } = (await response.json()) as { access_token: string };
    return { id: opened.merchant.id, name, clientId, clientSecret, token };
  }

  /** Prices a merchant in a programme, and lets a minute pass so that the price counts. */
  async function price({ id: merchantId }: TestMerchant, programme: string): Promise<void> {
    const input = {
      idempotencyKey: unique('price'),
      merchantId,
      programme,
      issuePricePerThousand: 1100,
      redemptionPricePerThousand: 1000,
      effectiveFrom: new Date(coalition.clock.now().getTime() + 60_000).toISOString(),
    };
    const token = await operator();
    const result = await mutate(coalition, token, 'setPrices', 'SetPricesInput', '', input);
    if (result.__typename !== 'PricesSet') throw new Error(JSON.stringify(result));
    coalition.clock.advance(120_000);
  }

  async function member(merchants: readonly TestMerchant[], reference = unique('ref')): Promise<TestMember> {
    let found: { id: string; cardNumber: string } | null = null;
    for (const { token } of merchants) {
      const input: object = { reference, locale: 'en', ...(found ? { cardNumber: found.cardNumber } : {}) };
      const result: { member: { id: string; cardNumber: string } } = await mutate(
        coalition,
        token,
        'registerMember',
        'RegisterMemberInput',
        '... on MemberRegistered { member { id cardNumber } }',
        input,
      );
      found = result.member;
    }
    const token = await coalition.tokenOf({
      kind: 'MEMBER',
      memberId: found!.id,
      merchantId: merchants[0]!.id,
    });
    return { ...found!, token };
  }

  async function earn(at: TestMerchant, to: TestMember, points: number): Promise<string> {
    const input = { idempotencyKey: unique('issue'), member: { id: to.id }, points };
    const posted = await mutate<{ posting: { id: string } }>(
      coalition,
      at.token,
      'issuePoints',
      'IssuePointsInput',
      '... on PointsPosted { posting { id } }',
      input,
    );
    if (posted.__typename !== 'PointsPosted') throw new Error(JSON.stringify(posted));
    return posted.posting.id;
  }

  async function campaign(rules: readonly object[], by?: TestMerchant, window: object = {}): Promise<string> {
    const text = 'As the test says.';
    const terms = { earning: text, accrualBase: text, exclusions: text, contact: text };
    const token = by ? by.token : await operator();
    const input = {
      idempotencyKey: unique('campaign'),
      name: 'Test campaign',
      startsAt: '2020-01-01T00:00:00Z',
      rules,
      terms,
      ...window,
    };
    const created = await mutate<{ campaign: { id: string } }>(
      coalition,
      token,
      'createCampaign',
      'CreateCampaignInput',
      '... on CampaignCreated { campaign { id } }',
      input,
    );
    if (created.__typename !== 'CampaignCreated') throw new Error(JSON.stringify(created));
    const published = await mutate(coalition, token, 'publishCampaign', 'PublishCampaignInput', '', {
      campaignId: created.campaign.id,
    });
    if (published.__typename !== 'CampaignPublished') throw new Error(JSON.stringify(published));
    return created.campaign.id;
  }

  async function reward(by: TestMerchant, points: number, more: object = {}): Promise<string> {
    const text = 'As the test says.';
    const terms = { delivery: text, use: text, exclusions: text, cancellation: text };
    const input = {
      idempotencyKey: unique('reward'),
      name: 'Test reward',
      description: text,
      category: 'test',
      points,
      terms,
      ...more,
    };
    const created = await mutate<{ reward: { id: string } }>(
      coalition,
      by.token,
      'createReward',
      'CreateRewardInput',
      '... on RewardCreated { reward { id } }',
      input,
    );
    if (created.__typename !== 'RewardCreated') throw new Error(JSON.stringify(created));
    const published = await mutate(coalition, by.token, 'publishReward', 'PublishRewardInput', '', {
      rewardId: created.reward.id,
    });
    if (published.__typename !== 'RewardPublished') throw new Error(JSON.stringify(published));
    return created.reward.id;
  }

  async function cause(): Promise<string> {
    const input = {
      idempotencyKey: unique('cause'),
      name: 'Test cause',
      description: 'For the test.',
      kind: 'animal rescue',
      charityName: 'Test charity',
      charityRegistrationNumber: 'TEST-1',
    };
    const opened = await mutate<{ cause: { id: string } }>(
      coalition,
      await operator(),
      'openCause',
      'OpenCauseInput',
      '... on CauseOpened { cause { id } }',
      input,
    );
    if (opened.__typename !== 'CauseOpened') throw new Error(JSON.stringify(opened));
    return opened.cause.id;
  }

  return { operator, auditor, programme, price, merchant, member, earn, campaign, reward, cause };
}

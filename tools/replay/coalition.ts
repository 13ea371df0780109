import type { GraphqlClient } from '../graphql-client.ts';
import { EndpointError } from '../graphql-client.ts';
import { tokenSource } from '../token-source.ts';
import { replayOperations } from './operations.ts';

/** A merchant of the replay, with a token that is renewed before it expires. */
export interface ReplayMerchant {
  readonly country: string;
  readonly id: string;
  readonly rewardId: string;
  token(): Promise<string>;
}

/** The merchants, one for each country, and the cause that members give to. */
export interface ReplayCoalition {
  readonly merchants: ReadonlyMap<string, ReplayMerchant>;
  readonly causeId: string;
  /** Withdraws the credentials that this run made. */
  close(): Promise<void>;
}

/** Price of the replay's reward, and what a member gives when donating. */
export const rewardPoints = 100;
export const donationPoints = 50;

type Result = { __typename: string; code?: string; message?: string };

/** Sends a mutation and insists on its success type. */
export async function must<T>(
  client: GraphqlClient,
  token: string,
  query: string,
  input: object,
): Promise<T> {
  const data = await client.send<Record<string, Result>>(token, query, { input });
  const result = Object.values(data)[0]!;
  if (result.code !== undefined) throw new EndpointError(`${result.code}: ${result.message}`);
  return result as T;
}

const slug = (country: string): string => country.toLowerCase().replace(/[^a-z]+/g, '-');

async function openMerchant(
  client: GraphqlClient,
  operator: string,
  country: string,
): Promise<ReplayMerchant & { clientId: string }> {
  const name = `Replay ${country}`;
  const prices = { issuePricePerThousand: 1_100, redemptionPricePerThousand: 1_000 };
  const key = `replay:${slug(country)}`;
  const opened = await must<{ merchant: { id: string } }>(client, operator, replayOperations.openMerchant, {
    idempotencyKey: `${key}:merchant`,
    name,
    category: 'online retail',
    currency: 'GBP',
    ...prices,
  });
  const merchantId = opened.merchant.id;
  const credential = await must<{ clientId: string; clientSecret: string }>(
    client,
    operator,
    replayOperations.createCredential,
    { merchantId },
  );
  const token = tokenSource(client, credential.clientId, credential.clientSecret);
  const created = await must<{ reward: { id: string } }>(
    client,
    await token(),
    replayOperations.createReward,
    {
      idempotencyKey: `${key}:reward`,
      name: `Replay voucher of ${country}`,
      description: 'A voucher that replayed purchases are paid with.',
      category: 'voucher',
      points: rewardPoints,
      voucherValue: { amountMinor: 100, currency: 'GBP' },
      terms: {
        delivery: 'A voucher code at once.',
        use: `At ${name}.`,
        exclusions: 'None.',
        cancellation: 'Until it is used.',
      },
    },
  );
  await must(client, await token(), replayOperations.publishReward, { rewardId: created.reward.id });
  return { country, id: merchantId, rewardId: created.reward.id, token, clientId: credential.clientId };
}

async function openCampaign(client: GraphqlClient, operator: string): Promise<void> {
  const { campaign } = await must<{ campaign: { id: string } }>(
    client,
    operator,
    replayOperations.createCampaign,
    {
      idempotencyKey: 'replay:campaign',
      name: 'Replay: one point for a pound',
      startsAt: '2009-01-01T00:00:00Z',
      rules: [
        {
          code: 'base',
          description: 'One point for every full pound',
          kind: 'PER_AMOUNT',
          points: 1,
          perAmountMinor: 100,
          condition: "purchase.currency == 'GBP'",
        },
      ],
      terms: {
        earning: 'One point for every full pound of a purchase.',
        accrualBase: 'The sum of the lines, discounts taken off; fractions of a pound earn nothing.',
        exclusions: 'Tills in other currencies.',
        contact: 'Whoever runs the replay.',
      },
    },
  );
  await must(client, operator, replayOperations.publishCampaign, { campaignId: campaign.id });
}

/** Opens, or finds again, a merchant for each country, the earning campaign and the cause. */
export async function openCoalition(
  client: GraphqlClient,
  operator: string,
  countries: readonly string[],
): Promise<ReplayCoalition> {
  await openCampaign(client, operator);
  const { cause } = await must<{ cause: { id: string } }>(client, operator, replayOperations.openCause, {
    idempotencyKey: 'replay:cause',
    name: 'Replay cause',
    description: 'Receives the points that replayed members give.',
    kind: 'animal rescue',
    charityName: 'Replay charity (not a real one)',
    charityRegistrationNumber: 'REPLAY-0',
  });
  const opened = await Promise.all(countries.map((country) => openMerchant(client, operator, country)));
  const close = async () => {
    await Promise.all(
      opened.map(({ clientId }) => must(client, operator, replayOperations.revokeCredential, { clientId })),
    );
  };
  return {
    merchants: new Map(opened.map((merchant) => [merchant.country, merchant])),
    causeId: cause.id,
    close,
  };
}

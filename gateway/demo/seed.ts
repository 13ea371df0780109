import type { Demo } from '../graphiql/demo.ts';
import type { TokenIssuer } from '../token/issuer.ts';
import type { SendBackdated } from './backdated.ts';
import {
  type DemoMerchantKey,
  demoCampaign,
  demoCause,
  demoMembers,
  demoMerchants,
  demoPledge,
  demoProgramme,
  demoPurchases,
  demoReturnablePurchase,
  demoReward,
  demoRewards,
} from './coalition.ts';
import type { Send } from './demo-client.ts';
import { openGreen } from './green.ts';
import { demoOperations as operations } from './operations.ts';

const allScopes = ['MEMBERS', 'PURCHASES', 'POINTS', 'MANAGE', 'REDEMPTIONS', 'VOUCHERS', 'CASES', 'READ'];
const seedTokenSeconds = 600;

/** What the seed needs. */
export interface SeedPorts {
  readonly send: Send;
  readonly issuer: TokenIssuer;
  readonly sendBackdated: SendBackdated;
}

interface SeededMerchant {
  readonly id: string;
  readonly clientId: string;
  /** Known only when the merchant was opened just now. */
  readonly clientSecret: string | null;
  readonly token: string;
}

type Merchants = Readonly<Record<DemoMerchantKey, SeededMerchant>>;

/** A demo coalition that is in the store. */
export interface SeededDemo extends Demo {
  /** The demo merchant's credential for the token endpoint; null if it was shown at an earlier start. */
  readonly credential: { readonly clientId: string; readonly clientSecret: string } | null;
}

const entries = <K extends string, V>(record: Readonly<Record<K, V>>) => Object.entries(record) as [K, V][];
const merchantCaller = (id: string, clientId: string) =>
  ({ kind: 'MERCHANT', merchantId: id, clientId, scopes: allScopes }) as const;

async function openMerchants({ send, issuer }: SeedPorts, operator: string): Promise<Merchants> {
  const opened: [string, SeededMerchant][] = [];
  for (const [key, input] of entries(demoMerchants)) {
    const { merchant, clientId, clientSecret } = await send<{
      merchant: { id: string };
      clientId: string;
      clientSecret: string | null;
    }>(operator, operations.openMerchant, { input: { ...input, idempotencyKey: `demo:merchant:${key}` } });
    const token = await issuer.sign(merchantCaller(merchant.id, clientId), seedTokenSeconds);
    opened.push([key, { id: merchant.id, clientId, clientSecret, token }]);
  }
  return Object.fromEntries(opened) as Record<DemoMerchantKey, SeededMerchant>;
}

async function publishCampaign({ send }: SeedPorts, operator: string): Promise<void> {
  const { campaign } = await send<{ campaign: { id: string; status: string } }>(
    operator,
    operations.createCampaign,
    { input: { ...demoCampaign, idempotencyKey: 'demo:campaign' } },
  );
  if (campaign.status === 'DRAFT')
    await send(operator, operations.publishCampaign, { input: { campaignId: campaign.id } });
}

async function publishReward({ send }: SeedPorts, merchants: Merchants, key: keyof typeof demoRewards) {
  const { merchant, input } = demoReward(key);
  const { token } = merchants[merchant];
  const { reward } = await send<{ reward: { id: string; status: string } }>(token, operations.createReward, {
    input: { ...input, idempotencyKey: `demo:reward:${key}` },
  });
  if (reward.status === 'DRAFT')
    await send(token, operations.publishReward, { input: { rewardId: reward.id } });
  return [key, reward.id] as const;
}

async function publishRewards(ports: SeedPorts, merchants: Merchants) {
  const keys = Object.keys(demoRewards) as (keyof typeof demoRewards)[];
  const published = await Promise.all(keys.map((key) => publishReward(ports, merchants, key)));
  return Object.fromEntries(published) as Record<keyof typeof demoRewards, string>;
}

async function openCause({ send }: SeedPorts, operator: string, merchants: Merchants): Promise<string> {
  const { cause } = await send<{ cause: { id: string } }>(operator, operations.openCause, {
    input: { ...demoCause, idempotencyKey: 'demo:cause' },
  });
  await send(merchants.petShop.token, operations.pledgeMatching, {
    input: { ...demoPledge, causeId: cause.id, idempotencyKey: 'demo:pledge' },
  });
  return cause.id;
}

/** Registers a member at its first merchant, then by its card at the others, as it would go at their tills. */
async function registerMember(
  { send }: SeedPorts,
  operator: string,
  merchants: Merchants,
  key: keyof typeof demoMembers,
): Promise<SeededMember> {
  const { references, ...about } = demoMembers[key];
  let member: SeededMember | null = null;
  for (const [merchant, reference] of entries<DemoMerchantKey, string>(references as never)) {
    const input: object = member ? { reference, cardNumber: member.cardNumber } : { reference, ...about };
    const registered: { member: SeededMember } = await send(
      merchants[merchant].token,
      operations.registerMember,
      { input },
    );
    member = registered.member;
  }
  // Merchants are shown ids of their own; the operator is shown the member's.
  return send<SeededMember>(operator, operations.member, { cardNumber: member!.cardNumber });
}

interface SeededMember {
  readonly id: string;
  readonly cardNumber: string;
}

/** Lets one member give points to another at once, as if it had added it 61 days ago. */
async function befriend(ports: SeedPorts, owner: SeededMember, other: SeededMember): Promise<void> {
  const caller = { kind: 'MEMBER', memberId: owner.id } as const;
  const token = await ports.issuer.sign(caller, seedTokenSeconds);
  const { member } = await ports.send<{ member: { beneficiaries: readonly object[] } }>(
    token,
    operations.beneficiaries,
  );
  if (member.beneficiaries.length > 0) return;
  const { cardNumber } = other;
  const input = { idempotencyKey: 'demo:beneficiary', cardNumber, label: demoMembers.two.displayName };
  await ports.sendBackdated(61, caller, operations.addBeneficiary, { input });
}

async function recordPurchases({ send }: SeedPorts, merchants: Merchants): Promise<void> {
  for (const [externalRef, merchant, reference, lines] of demoPurchases)
    await send(merchants[merchant].token, operations.recordPurchase, {
      input: {
        idempotencyKey: `demo:purchase:${externalRef}`,
        externalRef,
        member: { reference },
        currency: 'CNY',
        lines,
      },
    });
}

/** Lets the members spend: a latte taken at the café, a cat wand still to be fetched, and gifts to the cause. */
async function spend(
  { send }: SeedPorts,
  merchants: Merchants,
  rewards: Record<keyof typeof demoRewards, string>,
  causeId: string,
): Promise<string> {
  const redeem = async (merchant: DemoMerchantKey, reward: keyof typeof demoRewards, reference: string) => {
    const { redemption } = await send<{ redemption: { voucher: { code: string } | null } }>(
      merchants[merchant].token,
      operations.redeemReward,
      {
        input: { idempotencyKey: `demo:redeem:${reward}`, rewardId: rewards[reward], member: { reference } },
      },
    );
    return redemption.voucher?.code ?? '';
  };
  const give = (reference: string, points: number) =>
    send(merchants.petShop.token, operations.donatePoints, {
      input: { idempotencyKey: `demo:donate:${reference}`, causeId, member: { reference }, points },
    });
  const latte = await redeem('cafe', 'latte', demoMembers.one.references.cafe);
  await send(merchants.cafe.token, operations.consumeVoucher, {
    input: { idempotencyKey: 'demo:consume', code: latte, externalRef: 'DEMO-C-2' },
  });
  const wand = await redeem('petShop', 'catWand', demoMembers.one.references.petShop);
  await give(demoMembers.one.references.petShop, 1_000);
  await give(demoMembers.two.references.petShop, 200);
  return wand;
}

const callers = (merchants: Merchants, memberId: string): Demo['identities'] => {
  const { id, clientId } = merchants.petShop;
  return [
    {
      label: 'Member',
      name: demoMembers.one.displayName,
      caller: { kind: 'MEMBER', memberId, merchantId: id },
    },
    { label: 'Merchant', name: demoMerchants.petShop.name, caller: merchantCaller(id, clientId) },
    { label: 'Operator', name: 'Demo operator', caller: { kind: 'OPERATOR', subject: 'demo-operator' } },
    { label: 'Auditor', name: 'Demo auditor', caller: { kind: 'AUDITOR', subject: 'demo-auditor' } },
  ] as Demo['identities'];
};

/**
 * Puts the demo coalition in through the public endpoint, as an operator, four merchants and their tills would. Every
 * step bears a key of its own: run again it changes nothing, run after an interruption it goes on.
 */
export async function seedDemo(ports: SeedPorts): Promise<SeededDemo> {
  const operator = await ports.issuer.sign({ kind: 'OPERATOR', subject: 'demo-seed' }, seedTokenSeconds);
  await ports.send(operator, operations.publishProgramme, {
    input: { ...demoProgramme, idempotencyKey: 'demo:programme' },
  });
  const merchants = await openMerchants(ports, operator);
  await openGreen(ports.send, operator, merchants);
  await publishCampaign(ports, operator);
  const rewards = await publishRewards(ports, merchants);
  const causeId = await openCause(ports, operator, merchants);
  const one = await registerMember(ports, operator, merchants, 'one');
  await befriend(ports, one, await registerMember(ports, operator, merchants, 'two'));
  await recordPurchases(ports, merchants);
  const voucherCode = await spend(ports, merchants, rewards, causeId);
  const { clientId, clientSecret } = merchants.petShop;
  return {
    identities: callers(merchants, one.id),
    facts: {
      rewardId: rewards.latte,
      causeId,
      memberReference: demoMembers.one.references.petShop,
      purchaseRef: demoReturnablePurchase,
      voucherCode,
    },
    credential: clientSecret ? { clientId, clientSecret } : null,
  };
}

interface MerchantPage {
  readonly edges: readonly { readonly node: { readonly name: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** What a store holds: nothing, the demo coalition (perhaps in part, perhaps among others), or other merchants only. */
export async function whatIsThere({ send }: SeedPorts): Promise<'NOTHING' | 'DEMO' | 'OTHERS'> {
  let after: string | null = null;
  let others = false;
  do {
    const page: MerchantPage = await send<MerchantPage>(null, operations.merchants, { after });
    if (page.edges.some(({ node }) => node.name === demoMerchants.supermarket.name)) return 'DEMO';
    others ||= page.edges.length > 0;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return others ? 'OTHERS' : 'NOTHING';
}

import { actorOf, type Caller } from '../../shared/caller.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey, checkSame, identify } from '../../shared/request.ts';
import type { CataloguePorts } from '../ports.ts';
import type { NotFound } from '../refusal.ts';
import { checkText } from '../request.ts';
import type { Money, Reward, RewardTerms } from './reward.ts';

type Optional<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** What the caller asks for. */
export interface CreateRewardInput
  extends Optional<
    Pick<
      Reward,
      | 'merchantId'
      | 'programme'
      | 'voucherValue'
      | 'availableFrom'
      | 'availableUntil'
      | 'stock'
      | 'limitPerMember'
      | 'voucherValidityDays'
    >
  > {
  readonly idempotencyKey: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly points: bigint;
  readonly terms?: Optional<RewardTerms> | null | undefined;
}

/** What came of it. */
export type CreateRewardOutcome =
  | { readonly kind: 'RewardCreated'; readonly reward: Reward }
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

type Ports = Pick<CataloguePorts, 'rewards' | 'accounts' | 'clock' | 'newId'>;

/** Adds a reward as a draft. The same request again gives the same reward, also when its window is over by then. */
export async function createReward(
  ports: Ports,
  caller: Caller,
  input: CreateRewardInput,
): Promise<CreateRewardOutcome> {
  const request = identify(caller, input);
  const earlier = await ports.rewards.findByRequest(request.caller, request.key);
  if (earlier?.inputHash === request.inputHash) return { kind: 'RewardCreated', reward: earlier.reward };
  const now = ports.clock.now();
  const merchantId = ownerOf(caller, input);
  const invalid =
    merchantId === null
      ? invalidInput('input.merchantId', 'the merchant whose reward it is')
      : checkInput(input, now);
  if (invalid || merchantId === null) return invalid!;
  if (earlier) return idempotencyConflict(request.key);
  const unknown = await findUnknown(ports, caller, merchantId, input.programme ?? 'SHARED');
  if (unknown) return unknown;
  const reward = draft(ports.newId('rew'), merchantId, input, now);
  if (await ports.rewards.insert(reward, request)) return { kind: 'RewardCreated', reward };
  const other = await ports.rewards.findByRequest(request.caller, request.key);
  return checkSame(other!, request) ?? { kind: 'RewardCreated', reward: other!.reward };
}

/** A merchant's reward is its own where it names nobody; null if nobody is named. */
function ownerOf(caller: Caller, { merchantId }: CreateRewardInput): string | null {
  const actor = actorOf(caller);
  return merchantId ?? (actor.kind === 'MERCHANT' ? actor.merchantId : null);
}

const within = (value: number | bigint | null | undefined, least: number, most: number): boolean =>
  value == null || (value >= least && value <= most);

function checkInput(input: CreateRewardInput, now: Date): InvalidInput | null {
  const { points, stock, limitPerMember, voucherValidityDays } = input;
  const numbers: [string, number | bigint | null | undefined, number, number, string][] = [
    ['points', points, 1, 100_000_000, '1 to 100,000,000'],
    ['stock', stock, 0, 2_147_483_647, '0 or more'],
    ['limitPerMember', limitPerMember, 1, 2_147_483_647, '1 or more'],
    ['voucherValidityDays', voucherValidityDays, 1, 3_650, '1 to 3,650'],
  ];
  const wrong = numbers.find(([, value, least, most]) => !within(value, least, most));
  return (
    checkKey(input.idempotencyKey) ??
    checkText('input.name', input.name, 1, 120) ??
    checkText('input.description', input.description, 0, 5_000) ??
    checkText('input.category', input.category, 1, 60) ??
    (wrong ? invalidInput(`input.${wrong[0]}`, wrong[4]) : null) ??
    checkMoney(input.voucherValue) ??
    checkWindow(input, now) ??
    checkTerms(input.terms ?? {})
  );
}

function checkMoney(value: Money | null | undefined): InvalidInput | null {
  if (!value) return null;
  if (value.amountMinor < 1n) return invalidInput('input.voucherValue.amountMinor', '1 or more');
  return /^[A-Z]{3}$/.test(value.currency)
    ? null
    : invalidInput('input.voucherValue.currency', 'an ISO 4217 code of three capital letters');
}

function checkWindow(input: CreateRewardInput, now: Date): InvalidInput | null {
  const from = input.availableFrom ?? now;
  return input.availableUntil && input.availableUntil <= from
    ? invalidInput('input.availableUntil', 'after availableFrom')
    : null;
}

function checkTerms(terms: Optional<RewardTerms>): InvalidInput | null {
  for (const name of ['delivery', 'use', 'exclusions', 'cancellation'] as const) {
    const invalid = checkText(`input.terms.${name}`, terms[name] ?? '', 0, 5_000);
    if (invalid) return invalid;
  }
  return null;
}

/** A merchant creates its own only: to it, another merchant's id is as unknown as one that does not exist. */
async function findUnknown(
  { accounts }: Pick<Ports, 'accounts'>,
  caller: Caller,
  merchantId: string,
  programme: string,
): Promise<NotFound | null> {
  const actor = actorOf(caller);
  if (actor.kind === 'MERCHANT' && actor.merchantId !== merchantId) return notFound('MERCHANT', merchantId);
  const known = await accounts.merchantAndProgramme(merchantId, programme);
  if (!known.merchant) return notFound('MERCHANT', merchantId);
  return known.programme ? null : notFound('PROGRAMME', programme);
}

function draft(id: string, merchantId: string, input: CreateRewardInput, now: Date): Reward {
  const terms = input.terms ?? {};
  return {
    id,
    merchantId,
    programme: input.programme ?? 'SHARED',
    name: input.name.trim(),
    description: input.description.trim(),
    category: input.category.trim(),
    points: input.points,
    voucherValue: input.voucherValue ?? null,
    status: 'DRAFT',
    availableFrom: input.availableFrom ?? now,
    availableUntil: input.availableUntil ?? null,
    stock: input.stock ?? null,
    limitPerMember: input.limitPerMember ?? null,
    voucherValidityDays: input.voucherValidityDays ?? 90,
    terms: {
      delivery: terms.delivery?.trim() ?? '',
      use: terms.use?.trim() ?? '',
      exclusions: terms.exclusions?.trim() ?? '',
      cancellation: terms.cancellation?.trim() ?? '',
    },
  };
}

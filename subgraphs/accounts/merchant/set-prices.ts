import type { Clock } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { NotFound } from '../refusal.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import type { Merchant } from './merchant.ts';
import { checkPrices, type MerchantPrice, type PriceTerms } from './price.ts';

/** What the operator sends to set prices. */
export interface SetPricesInput extends PriceTerms {
  readonly idempotencyKey: string;
  readonly merchantId: string;
  readonly programme: string;
  readonly effectiveFrom: Date;
}

/** A price with the request that set it. */
export interface SetPrice {
  readonly price: MerchantPrice;
  readonly request: RequestRecord;
}

/** What setting prices needs. */
export interface SetPricesPorts {
  readonly priceByRequest: (caller: string, idempotencyKey: string) => Promise<SetPrice | null>;
  readonly merchantById: (id: string) => Promise<Merchant | null>;
  /** The currency that a programme clears in; null if it was never published. */
  readonly programmeCurrency: (code: string) => Promise<string | null>;
  /** 0 before the first. */
  readonly latestRevision: (merchantId: string, programmeCode: string) => Promise<number>;
  /** Throws Taken on `prices_request` or `prices_revision`. */
  readonly insertPrice: (price: MerchantPrice, request: RequestRecord) => Promise<void>;
  readonly clock: Clock;
}

/** What came of it. */
export type SetPricesOutcome =
  | { readonly kind: 'PricesSet'; readonly price: MerchantPrice }
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

function check(input: SetPricesInput, now: Date): InvalidInput | null {
  const fault = checkKey(input.idempotencyKey) ?? checkPrices(input);
  if (fault) return fault;
  return input.effectiveFrom < now
    ? invalidInput('input.effectiveFrom', `${now.toISOString()} or later`)
    : null;
}

/** Sets a merchant's prices in a programme from a date on, in the programme's currency. Past prices stay. */
export async function setPrices(
  caller: string,
  input: SetPricesInput,
  ports: SetPricesPorts,
): Promise<SetPricesOutcome> {
  const request = requestOf(caller, input);
  const before = await ports.priceByRequest(caller, input.idempotencyKey);
  if (before?.request.inputHash === request.inputHash) return { kind: 'PricesSet', price: before.price };
  const now = ports.clock.now();
  const fault = check(input, now);
  if (fault) return fault;
  if (before) return idempotencyConflict(input.idempotencyKey);
  const merchant = await ports.merchantById(input.merchantId);
  if (!merchant) return notFound('MERCHANT', input.merchantId);
  const currency = await ports.programmeCurrency(input.programme);
  if (currency === null) return notFound('PROGRAMME', input.programme);
  const price: MerchantPrice = {
    merchantId: merchant.id,
    programmeCode: input.programme,
    issuePricePerThousand: input.issuePricePerThousand,
    redemptionPricePerThousand: input.redemptionPricePerThousand,
    currency,
    effectiveFrom: input.effectiveFrom,
    revision: (await ports.latestRevision(merchant.id, input.programme)) + 1,
    recordedAt: now,
  };
  try {
    await ports.insertPrice(price, request);
    return { kind: 'PricesSet', price };
  } catch (error) {
    if (!isTaken(error, 'prices_request') && !isTaken(error, 'prices_revision')) throw error;
    return setPrices(caller, input, ports);
  }
}

import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { allScopes, type Client, newClient } from './client.ts';
import { checkMerchant, type Merchant, type OpenMerchantInput, openingProgramme } from './merchant.ts';
import type { MerchantPrice } from './price.ts';

/** A merchant as it was opened, with the request that did. */
export interface Opening {
  readonly merchant: Merchant;
  readonly clientId: string;
  readonly request: RequestRecord;
}

/** What opening a merchant needs. */
export interface OpenMerchantPorts {
  readonly openingByRequest: (caller: string, idempotencyKey: string) => Promise<Opening | null>;
  /** The currency that a programme clears in; null if it was never published. */
  readonly programmeCurrency: (code: string) => Promise<string | null>;
  /** Throws Taken on `merchants_request`. */
  readonly insertMerchant: (opening: Opening) => Promise<void>;
  readonly insertClient: (client: Client) => Promise<void>;
  readonly insertPrice: (price: MerchantPrice, request: null) => Promise<void>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: (size: number) => Uint8Array;
}

/** What came of it. The secret is null when the same request had been carried out before. */
export type OpenMerchantOutcome =
  | {
      readonly kind: 'MerchantOpened';
      readonly merchant: Merchant;
      readonly clientId: string;
      readonly clientSecret: string | null;
    }
  | InvalidInput
  | IdempotencyConflict;

const unpublished = invalidInput(
  'input.issuePricePerThousand',
  `sent after the programme ${openingProgramme} was published, for it is a price in it`,
);

/** Opens a merchant with its client credential and its first prices, all or nothing. */
export async function openMerchant(
  caller: string,
  input: OpenMerchantInput,
  ports: OpenMerchantPorts,
): Promise<OpenMerchantOutcome> {
  const request = requestOf(caller, input);
  const before = await ports.openingByRequest(caller, input.idempotencyKey);
  if (before?.request.inputHash === request.inputHash)
    return {
      kind: 'MerchantOpened',
      merchant: before.merchant,
      clientId: before.clientId,
      clientSecret: null,
    };
  const fault = checkKey(input.idempotencyKey) ?? checkMerchant(input);
  if (fault) return fault;
  const currency = await ports.programmeCurrency(openingProgramme);
  if (currency === null) return unpublished;
  if (before) return idempotencyConflict(input.idempotencyKey);
  try {
    return await write(request, input, currency, ports);
  } catch (error) {
    if (!isTaken(error, 'merchants_request')) throw error;
    return openMerchant(caller, input, ports);
  }
}

async function write(
  request: RequestRecord,
  input: OpenMerchantInput,
  priceCurrency: string,
  ports: OpenMerchantPorts,
): Promise<OpenMerchantOutcome> {
  const { name, category, currency, issuePricePerThousand, redemptionPricePerThousand } = input;
  const openedAt = ports.clock.now();
  const merchant = { id: ports.newId('mer'), name, category, currency, openedAt };
  const { client, secret } = newClient(merchant.id, allScopes, ports);
  const price = {
    merchantId: merchant.id,
    programmeCode: openingProgramme,
    issuePricePerThousand,
    redemptionPricePerThousand,
    currency: priceCurrency,
    effectiveFrom: openedAt,
    revision: 1,
    recordedAt: openedAt,
  };
  await ports.inTransaction(async () => {
    await ports.insertMerchant({ merchant, clientId: client.id, request });
    await ports.insertClient(client);
    await ports.insertPrice(price, null);
  });
  return { kind: 'MerchantOpened', merchant, clientId: client.id, clientSecret: secret };
}

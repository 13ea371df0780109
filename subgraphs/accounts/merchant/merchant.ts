import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { isCurrency, isLabel } from '../text.ts';
import { checkPrices, type PriceTerms } from './price.ts';

/** A partner that issues points, honours them, or both. */
export interface Merchant {
  readonly id: string;
  readonly name: string;
  /** What it sells, in a word or two. */
  readonly category: string;
  /** ISO 4217 code of its tills. */
  readonly currency: string;
  readonly openedAt: Date;
}

/** The programme whose prices a merchant states when it is opened. */
export const openingProgramme = 'SHARED';

/** What the operator sends to open a merchant. */
export interface OpenMerchantInput extends PriceTerms {
  readonly idempotencyKey: string;
  readonly name: string;
  readonly category: string;
  readonly currency: string;
}

/** The first fault of an opening, in the order of its fields, or null. */
export function checkMerchant(input: OpenMerchantInput): InvalidInput | null {
  if (!isLabel(input.name, 80)) return invalidInput('input.name', '1 to 80 characters');
  if (!isLabel(input.category, 80)) return invalidInput('input.category', '1 to 80 characters');
  if (!isCurrency(input.currency))
    return invalidInput('input.currency', 'an ISO 4217 code in capital letters');
  return checkPrices(input);
}

import { isLocale } from '../../shared/locale.ts';
import { isReference, referenceRule } from '../../shared/reference.ts';
import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { isLabel } from '../text.ts';
import { isCardNumber } from './card-number.ts';

/** That a merchant knows a member, and as whom. */
export interface Registration {
  readonly merchantId: string;
  /** The merchant's own reference, unique within the merchant. */
  readonly reference: string;
  readonly at: Date;
}

/** A consumer, without what is personal: that is the profile's, which can be deleted by itself. */
export interface Member {
  readonly id: string;
  /** 16 digits, the last a Luhn check digit. */
  readonly cardNumber: string;
  readonly registeredAt: Date;
  readonly registrations: readonly Registration[];
  /** Ids of the merchants that registered the member: what `@owned` reads. */
  readonly registeredBy: readonly string[];
}

/** What is personal about a member. */
export interface Profile {
  readonly memberId: string;
  /** The merchant that the member gave it to; of a time before that was kept, null. */
  readonly givenBy: string | null;
  readonly displayName: string | null;
  readonly locale: Locale;
}

/** Languages that members are addressed in, as BCP 47 tags. */
export type Locale = 'zh-CN' | 'en';

/** The language of a member who stated none. */
export const defaultLocale: Locale = 'zh-CN';

/** What a merchant sends to register a member. */
export interface RegistrationInput {
  readonly reference: string;
  readonly cardNumber?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  readonly locale?: string | null | undefined;
}

const mostReference = 100;

/** What is wrong with a reference under which nobody was registered before, or null. */
export const checkNewReference = (reference: string): InvalidInput | null =>
  isReference(reference) ? null : invalidInput('input.reference', referenceRule(mostReference));

/** The first fault of a registration, in the order of its fields, or null. */
export function checkRegistration(input: RegistrationInput): InvalidInput | null {
  const { reference, cardNumber, displayName, locale } = input;
  if (!isLabel(reference, mostReference))
    return invalidInput('input.reference', referenceRule(mostReference));
  if (typeof cardNumber === 'string' && !isCardNumber(cardNumber))
    return invalidInput('input.cardNumber', '16 digits with a right check digit');
  if (typeof displayName === 'string' && !isLabel(displayName, 80))
    return invalidInput('input.displayName', '1 to 80 characters');
  if (typeof locale === 'string' && !isLocale(locale)) return invalidInput('input.locale', 'zh-CN or en');
  return null;
}

/** The profile that a checked registration asks for, or null if it says nothing personal. */
export function profileOf(memberId: string, merchantId: string, input: RegistrationInput): Profile | null {
  const displayName = input.displayName ?? null;
  if (displayName === null && !input.locale) return null;
  return { memberId, givenBy: merchantId, displayName, locale: input.locale === 'en' ? 'en' : defaultLocale };
}

/** The reference that a merchant knows the member by, or null. */
export const referenceAt = (member: Member, merchantId: string): string | null =>
  member.registrations.find((registration) => registration.merchantId === merchantId)?.reference ?? null;

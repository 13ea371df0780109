import type { InvalidInput } from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { checkLine, checkText, firstFault } from '../input-rules.ts';

/** What the operator states when opening a cause. Never changes afterwards. */
export interface CauseTerms {
  readonly name: string;
  readonly description: string;
  /** E.g. `animal rescue`. */
  readonly kind: string;
  /** The qualified charity's registered name and number (Charity Law Art. 26). */
  readonly charityName: string;
  readonly charityRegistrationNumber: string;
}

/** Something worth giving to. */
export interface Cause extends CauseTerms {
  readonly id: string;
  readonly openedAt: Date;
  /** Points of confirmed donations. */
  readonly pointsDonated: bigint;
  /** Confirmed donations. */
  readonly donationCount: number;
}

const lines: readonly (readonly [keyof CauseTerms, number])[] = [
  ['name', 120],
  ['kind', 60],
  ['charityName', 120],
  ['charityRegistrationNumber', 60],
];

/** The first rule that an input to open a cause breaks, or null. */
export const checkCause = (input: CauseTerms & { readonly idempotencyKey: string }): InvalidInput | null =>
  firstFault(
    checkKey(input.idempotencyKey),
    ...lines.map(([field, most]) => checkLine(field, input[field], most)),
    checkText('description', input.description, 2_000),
  );

/** A cause as it is when opened: nothing given yet. Texts lose the space around them. */
export const newCause = (id: string, terms: CauseTerms, openedAt: Date): Cause => ({
  id,
  name: terms.name.trim(),
  description: terms.description.trim(),
  kind: terms.kind.trim(),
  charityName: terms.charityName.trim(),
  charityRegistrationNumber: terms.charityRegistrationNumber.trim(),
  openedAt,
  pointsDonated: 0n,
  donationCount: 0,
});

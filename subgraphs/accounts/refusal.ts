import type { NotFound as NotFoundOf } from '../shared/refusal.ts';

/** Something named in the input does not exist or is not the caller's to know of. */
export type NotFound = NotFoundOf<
  | 'MEMBER'
  | 'MERCHANT'
  | 'CLIENT'
  | 'PROGRAMME'
  | 'POSTING'
  | 'HOLD'
  | 'LINE'
  | 'WEBHOOK'
  | 'DELIVERY'
  | 'BENEFICIARY'
  | 'HOUSEHOLD_MEMBER'
  | 'INVITATION'
  | 'LEGAL_HOLD'
  | 'CASE'
>;

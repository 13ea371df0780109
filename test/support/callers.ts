import type { Caller, OutsideCaller } from '../../subgraphs/shared/caller.ts';

/** Everything a merchant's credential can be good for. */
export const everyScope = [
  'MEMBERS',
  'PURCHASES',
  'POINTS',
  'MANAGE',
  'REDEMPTIONS',
  'VOUCHERS',
  'CASES',
  'READ',
];

/** Nobody: a request without a token. */
export const nobody: OutsideCaller = { kind: 'PUBLIC' };

/** The coalition's operator. */
export const operator: OutsideCaller = { kind: 'OPERATOR', subject: 'operator-1' };

/** An auditor. */
export const auditor: OutsideCaller = { kind: 'AUDITOR', subject: 'auditor-1' };

/** A member adviser. */
export const adviser: OutsideCaller = { kind: 'ADVISER', subject: 'adviser-1' };

/** A charity. */
export const charity: OutsideCaller = { kind: 'CHARITY', subject: 'charity-1' };

/** A merchant's credential, with every scope unless told. */
export const asMerchant = (merchantId: string, scopes: string[] = everyScope): OutsideCaller => ({
  kind: 'MERCHANT',
  merchantId,
  clientId: `client-of-${merchantId}`,
  scopes,
});

/** A member's session. */
export const asMember = (memberId: string, merchantId?: string): OutsideCaller =>
  merchantId ? { kind: 'MEMBER', memberId, merchantId } : { kind: 'MEMBER', memberId };

/** Another subgraph, acting for somebody if told. */
export const asService = (onBehalfOf?: OutsideCaller): Caller =>
  onBehalfOf
    ? { kind: 'SERVICE', service: 'campaigns', onBehalfOf }
    : { kind: 'SERVICE', service: 'campaigns' };

/** A kind of caller. */
export type CallerKind = Caller['kind'];

/** Every kind of caller. */
export const allKinds: readonly CallerKind[] = [
  'PUBLIC',
  'MEMBER',
  'MERCHANT',
  'OPERATOR',
  'AUDITOR',
  'ADVISER',
  'CHARITY',
  'SERVICE',
];

/** A caller of a kind: the given member or merchant where it is of that kind. */
export function callerOf(kind: CallerKind, memberId: string, merchantId: string): Caller {
  switch (kind) {
    case 'PUBLIC':
      return nobody;
    case 'MEMBER':
      return asMember(memberId);
    case 'MERCHANT':
      return asMerchant(merchantId);
    case 'OPERATOR':
      return operator;
    case 'AUDITOR':
      return auditor;
    case 'ADVISER':
      return adviser;
    case 'CHARITY':
      return charity;
    case 'SERVICE':
      return asService();
  }
}

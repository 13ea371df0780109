import type { Caller } from '../../shared/caller.ts';

/** Whether a caller may know who issued a lot. A merchant may of its own: where else a member shops is not its to know. */
export const mayKnowIssuer = (issuerId: string, caller: Caller): boolean =>
  caller.kind !== 'MERCHANT' || caller.merchantId === issuerId;

/** The issuer of a lot, or null for a caller that may not know. */
export const knownIssuer = async <M>(
  issuerId: string,
  caller: Caller,
  directory: { merchant(id: string): Promise<M | null> },
): Promise<M | null> => (mayKnowIssuer(issuerId, caller) ? directory.merchant(issuerId) : null);

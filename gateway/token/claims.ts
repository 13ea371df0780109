import type { JWTPayload } from 'jose';
import { z } from 'zod';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';

/** A caller that a token can speak for; without a token there is none. */
export type TokenCaller = Exclude<OutsideCaller, { kind: 'PUBLIC' }>;

/** What a token says about its bearer, besides issuer, audience and times. */
export interface CallerClaims extends JWTPayload {
  readonly sub: string;
  readonly kind: TokenCaller['kind'];
}

const text = z.string().min(1);

const callerClaims = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('MEMBER'), member: text, merchant: text.optional() }),
  z.object({ kind: z.literal('MERCHANT'), merchant: text, client_id: text, scope: z.string() }),
  z.object({ kind: z.enum(['OPERATOR', 'AUDITOR', 'ADVISER', 'CHARITY']), sub: text }),
]);

/** Scopes as OAuth writes them, separated by blanks (RFC 6749 §3.3). */
export const readScopes = (scope: string): string[] => scope.split(' ').filter((part) => part !== '');

/** What the built-in issuer writes into a token for a caller. */
export function toClaims(caller: TokenCaller): CallerClaims {
  const { kind } = caller;
  switch (kind) {
    case 'MEMBER': {
      const base = { sub: caller.memberId, kind, member: caller.memberId };
      return caller.merchantId ? { ...base, merchant: caller.merchantId } : base;
    }
    case 'MERCHANT':
      return {
        sub: caller.clientId,
        kind,
        merchant: caller.merchantId,
        client_id: caller.clientId,
        scope: caller.scopes.join(' '),
      };
    case 'OPERATOR':
    case 'AUDITOR':
    case 'ADVISER':
    case 'CHARITY':
      return { sub: caller.subject, kind };
  }
}

/** Reads a caller from a verified token's claims. Throws where they name none completely. */
export function toCaller(claims: unknown): TokenCaller {
  const found = callerClaims.parse(claims);
  switch (found.kind) {
    case 'MEMBER':
      return found.merchant
        ? { kind: 'MEMBER', memberId: found.member, merchantId: found.merchant }
        : { kind: 'MEMBER', memberId: found.member };
    case 'MERCHANT':
      return {
        kind: 'MERCHANT',
        merchantId: found.merchant,
        clientId: found.client_id,
        scopes: readScopes(found.scope),
      };
    case 'OPERATOR':
    case 'AUDITOR':
    case 'ADVISER':
    case 'CHARITY':
      return { kind: found.kind, subject: found.sub };
  }
}

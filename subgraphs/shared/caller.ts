import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

const outsideCaller = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('PUBLIC') }),
  z.object({ kind: z.literal('MEMBER'), memberId: z.string(), merchantId: z.string().optional() }),
  z.object({
    kind: z.literal('MERCHANT'),
    merchantId: z.string(),
    clientId: z.string(),
    scopes: z.array(z.string()),
  }),
  z.object({ kind: z.enum(['OPERATOR', 'AUDITOR', 'ADVISER', 'CHARITY']), subject: z.string() }),
]);

const anyCaller = z.union([
  outsideCaller,
  z.object({ kind: z.literal('SERVICE'), service: z.string(), onBehalfOf: outsideCaller.optional() }),
]);

/** A caller from outside: what the gateway learned from the presented token, or PUBLIC without one. */
export type OutsideCaller = z.infer<typeof outsideCaller>;

/** Any caller that a subgraph meets. SERVICE is another subgraph or the gateway, perhaps acting for somebody. */
export type Caller = z.infer<typeof anyCaller>;

/** HTTP header that carries the signed caller from the gateway or a service to a subgraph. */
export const callerHeader = 'jifen-caller';

const audience = 'jifen-subgraphs';
const secondsValid = 60;

/** The key that signs and verifies callers inside the coalition's own network, from the shared secret. */
export type CallerKey = Uint8Array;

/** Makes the key from the configured secret, which must have at least 32 characters. */
export function callerKey(secret: string): CallerKey {
  if (secret.length < 32) throw new Error('the internal secret must have at least 32 characters');
  return new TextEncoder().encode(secret);
}

/** Signs a caller for the header. Valid for one minute. */
export function signCaller(caller: Caller, key: CallerKey): Promise<string> {
  return new SignJWT({ caller })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${secondsValid}s`)
    .sign(key);
}

/** Reads a signed caller. Gives null where it is missing, forged, expired or malformed. */
export async function verifyCaller(header: string | undefined, key: CallerKey): Promise<Caller | null> {
  if (!header) return null;
  try {
    const { payload } = await jwtVerify(header, key, { algorithms: ['HS256'], audience, clockTolerance: 5 });
    return anyCaller.parse(payload['caller']);
  } catch {
    return null;
  }
}

/**
 * Whose idempotency keys these are, e.g. `merchant:mer_1`: two callers may use the same key without meeting.
 * For a service it is the service itself, whose keys derive from its own records.
 */
export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case 'PUBLIC':
      return 'public';
    case 'MEMBER':
      return `member:${caller.memberId}`;
    case 'MERCHANT':
      return `merchant:${caller.merchantId}`;
    case 'OPERATOR':
    case 'AUDITOR':
    case 'ADVISER':
    case 'CHARITY':
      return `${caller.kind.toLowerCase()}:${caller.subject}`;
    case 'SERVICE':
      return `service:${caller.service}`;
  }
}

/** Who stands behind a call: for a service acting for somebody that somebody, else the caller itself. */
export function actorOf(caller: Caller): Caller {
  return caller.kind === 'SERVICE' && caller.onBehalfOf ? caller.onBehalfOf : caller;
}

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
const secondsReused = 30;
const mostRemembered = 5_000;

interface Remembered<T> {
  readonly value: T;
  /** Milliseconds since 1970 until which it may be used again. */
  readonly until: number;
}

/** A bounded memory, forgetting the oldest first. */
class Memory<T> {
  readonly #entries = new Map<string, Remembered<T>>();

  get(key: string): T | null {
    const found = this.#entries.get(key);
    if (found && found.until > Date.now()) return found.value;
    this.#entries.delete(key);
    return null;
  }

  set(key: string, value: T, until: number): void {
    if (this.#entries.size >= mostRemembered) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { value, until });
  }
}

// Signing and verifying cost more than most of what a till asks for, and the same callers come again and again.
const signed = new WeakMap<CallerKey, Memory<Promise<string>>>();
const verified = new WeakMap<CallerKey, Memory<Caller>>();

function memoryOf<T>(memories: WeakMap<CallerKey, Memory<T>>, key: CallerKey): Memory<T> {
  const memory = memories.get(key) ?? new Memory<T>();
  memories.set(key, memory);
  return memory;
}

/** The key that signs and verifies callers inside the coalition's own network, from the shared secret. */
export type CallerKey = Uint8Array;

/** Makes the key from the configured secret, which must have at least 32 characters. */
export function callerKey(secret: string): CallerKey {
  if (secret.length < 32) throw new Error('the internal secret must have at least 32 characters');
  return new TextEncoder().encode(secret);
}

/** Signs a caller for the header. Valid for half a minute at least and a minute at most. */
export function signCaller(caller: Caller, key: CallerKey): Promise<string> {
  const memory = memoryOf(signed, key);
  const name = JSON.stringify(caller);
  const known = memory.get(name);
  if (known) return known;
  const header = new SignJWT({ caller })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${secondsValid}s`)
    .sign(key);
  memory.set(name, header, Date.now() + secondsReused * 1000);
  return header;
}

/** Reads a signed caller. Gives null where it is missing, forged, expired or malformed. */
export async function verifyCaller(header: string | undefined, key: CallerKey): Promise<Caller | null> {
  if (!header) return null;
  const memory = memoryOf(verified, key);
  const known = memory.get(header);
  if (known) return known;
  try {
    const { payload } = await jwtVerify(header, key, { algorithms: ['HS256'], audience, clockTolerance: 5 });
    const caller = anyCaller.parse(payload['caller']);
    memory.set(header, caller, payload.exp! * 1000);
    return caller;
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

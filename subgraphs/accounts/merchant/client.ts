import { createHash, timingSafeEqual } from 'node:crypto';
import type { NewId } from '../../shared/ids.ts';

/** What a merchant's credential may be limited to. */
export const allScopes = [
  'MEMBERS',
  'PURCHASES',
  'POINTS',
  'MANAGE',
  'REDEMPTIONS',
  'VOUCHERS',
  'CASES',
  'READ',
] as const;

/** One of the scopes. */
export type ClientScope = (typeof allScopes)[number];

/** A merchant's credential. The secret itself is not kept. */
export interface Client {
  readonly id: string;
  readonly merchantId: string;
  /** SHA-256 of the secret: enough for 256 random bits, which no list of likely secrets covers. */
  readonly secretHash: Uint8Array;
  readonly scopes: readonly ClientScope[];
  /** When it was withdrawn; null while it is good. */
  readonly revokedAt: Date | null;
}

/** True for the name of a scope. */
export const isScope = (name: string): name is ClientScope => (allScopes as readonly string[]).includes(name);

/** A new credential of a merchant and its secret, which only the answer carries. */
export function newClient(
  merchantId: string,
  scopes: readonly ClientScope[],
  ports: { newId: NewId; random: (size: number) => Uint8Array },
): { client: Client; secret: string } {
  const secret = Buffer.from(ports.random(32)).toString('base64url');
  const client = {
    id: ports.newId('cli'),
    merchantId,
    secretHash: hashSecret(secret),
    scopes,
    revokedAt: null,
  };
  return { client, secret };
}

/** The hash that is kept of a secret. */
export const hashSecret = (secret: string): Uint8Array => createHash('sha256').update(secret).digest();

const nobody = new Uint8Array(32);

/** Whether a secret opens a client that is good, in a time that tells nothing, not even whether there is a client. */
export function isSecretOf(client: Client | null, secret: string): boolean {
  const same = timingSafeEqual(hashSecret(secret), client?.secretHash ?? nobody);
  return same && client !== null && client.revokedAt === null;
}

import { jwtVerify, SignJWT } from 'jose';
import type { CallerKey } from './caller.ts';

/** What a link lets its bearer do: read one path as one member. */
export interface Link {
  readonly path: string;
  readonly memberId: string;
}

const audience = 'jifen-links';

/** How long a link is good for. */
export const linkSeconds = 900;

/**
 * A ticket that lets whoever follows a link read one path for a while, so that a storefront can put it into an `<a href>`,
 * which sends no header. It is good for nothing else: no caller's header and no token has its audience.
 */
export const signLink = ({ path, memberId }: Link, key: CallerKey): Promise<string> =>
  new SignJWT({ path })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(audience)
    .setSubject(memberId)
    .setExpirationTime(Math.floor(Date.now() / 1000) + linkSeconds)
    .sign(key);

/** Reads a ticket; null where it is forged, expired or malformed. */
export async function verifyLink(ticket: string, key: CallerKey): Promise<Link | null> {
  try {
    const { payload } = await jwtVerify(ticket, key, { algorithms: ['HS256'], audience });
    const { path, sub } = payload;
    return typeof path === 'string' && sub ? { path, memberId: sub } : null;
  } catch {
    return null;
  }
}

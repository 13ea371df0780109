import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/**
 * How merchants know members. Each merchant has ids of its own, so that two merchants that lay their data side by side do
 * not find by them which members they have in common.
 */
export interface MemberIds {
  /** The id by which a merchant knows a member. */
  shown(memberId: string, merchantId: string): string;
  /** The id of the member that a merchant means; null for whatever is not one of that merchant's ids. */
  meant(shownId: string, merchantId: string): string | null;
}

interface Keys {
  readonly mac: Buffer;
  readonly cipher: Buffer;
}

const ours = 'mem_';
const theirs = 'mbr_';
const tagBytes = 16;
const idChars = 26;

/** A member's id, wherever it stands in a text; ids of wallets have it inside. */
export const memberIdPattern = /mem_[0-9a-hjkmnp-tv-z]{26}/g;

const wholeId = new RegExp(`^${memberIdPattern.source}$`);
const wholeShown = /^mbr_[A-Za-z0-9_-]{56}$/;

/** Most merchants whose keys are remembered: deriving them anew costs little. */
const mostRemembered = 1_000;

function keysFor(secret: Buffer): (merchantId: string) => Keys {
  const known = new Map<string, Keys>();
  return (merchantId) => {
    const found = known.get(merchantId);
    if (found) return found;
    const bytes = Buffer.from(hkdfSync('sha256', secret, '', `jifen member ids\n${merchantId}`, 64));
    const keys = { mac: bytes.subarray(0, 32), cipher: bytes.subarray(32) };
    if (known.size >= mostRemembered) known.clear();
    known.set(merchantId, keys);
    return keys;
  };
}

const tagOf = (text: Buffer, { mac }: Keys): Buffer =>
  createHmac('sha256', mac).update(text).digest().subarray(0, tagBytes);

/**
 * Ids that follow from member, merchant and one secret of the coalition, so any process can make and read them without
 * looking anything up. Encrypted with an IV that is the HMAC of what is encrypted (as SIV does, RFC 5297): the same member
 * always gets the same id, and an id that was not made with that merchant's keys is found out when it is read.
 */
export function createMemberIds(secret: string): MemberIds {
  if (secret.length < 32) throw new Error('the secret of member ids must have at least 32 characters');
  const keysOf = keysFor(Buffer.from(secret));
  return {
    shown(memberId, merchantId) {
      if (!wholeId.test(memberId)) throw new Error('not the id of a member');
      const keys = keysOf(merchantId);
      const text = Buffer.from(memberId.slice(ours.length), 'latin1');
      const tag = tagOf(text, keys);
      const cipher = createCipheriv('aes-256-ctr', keys.cipher, tag);
      return theirs + Buffer.concat([tag, cipher.update(text), cipher.final()]).toString('base64url');
    },

    meant(shownId, merchantId) {
      if (!wholeShown.test(shownId)) return null;
      const keys = keysOf(merchantId);
      const bytes = Buffer.from(shownId.slice(theirs.length), 'base64url');
      const tag = bytes.subarray(0, tagBytes);
      const cipher = createDecipheriv('aes-256-ctr', keys.cipher, tag);
      const text = Buffer.concat([cipher.update(bytes.subarray(tagBytes)), cipher.final()]);
      const holds = text.length === idChars && timingSafeEqual(tag, tagOf(text, keys));
      return holds ? ours + text.toString('latin1') : null;
    },
  };
}

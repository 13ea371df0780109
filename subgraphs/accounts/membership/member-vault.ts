import { randomBytes } from 'node:crypto';
import { lookupHash, openText, sealKeyBytes, sealText } from '../../shared/sealed-text.ts';

/** What keeps the keys. */
export interface KeyPorts {
  readonly read: (ids: readonly string[]) => Promise<Map<string, Buffer>>;
  readonly readOrKeep: (id: string, made: Uint8Array) => Promise<Buffer>;
  readonly remove: (id: string) => Promise<void>;
  readonly secretOrKeep: (made: Uint8Array) => Promise<Buffer>;
}

/** Opens what is sealed of one member. */
export type Open = (place: string, sealed: string) => string;

/** Seals something of one member. */
export type Seal = (place: string, text: string) => string;

/** Seals what is personal with a key of the member's own, and forgets the key. */
export interface MemberVault {
  /** What opens each member's texts; none for a member whose key is gone. */
  openers(memberIds: readonly string[]): Promise<ReadonlyMap<string, Open>>;
  /** Makes the member's key if it has none yet. */
  sealer(memberId: string): Promise<Seal>;
  /** What a card is found by. */
  cardHash(cardNumber: string): Promise<string>;
  /** What a merchant's reference is found by. */
  referenceHash(merchantId: string, reference: string): Promise<string>;
  /** Deletes the member's key: no copy of what it sealed can be read any more. */
  forget(memberId: string): Promise<void>;
}

/** Most keys remembered: a till meets the same members again and again. */
const mostRemembered = 10_000;

function createMemory() {
  const keys = new Map<string, Buffer>();
  return {
    get: (id: string) => keys.get(id),
    delete: (id: string) => void keys.delete(id),
    set(id: string, key: Buffer): void {
      if (keys.size >= mostRemembered) keys.delete(keys.keys().next().value!);
      keys.set(id, key);
    },
  };
}

/** Makes a vault. */
export function createMemberVault(ports: KeyPorts): MemberVault {
  const memory = createMemory();
  let secret: Promise<Buffer> | undefined;
  const lookupSecret = (): Promise<Buffer> => {
    secret ??= ports.secretOrKeep(randomBytes(sealKeyBytes)).catch((error: unknown) => {
      secret = undefined;
      throw error;
    });
    return secret;
  };
  return {
    async openers(memberIds) {
      const missing = [...new Set(memberIds)].filter((id) => !memory.get(id));
      const read = missing.length > 0 ? await ports.read(missing) : new Map<string, Buffer>();
      for (const [id, key] of read) memory.set(id, key);
      const keys = memberIds.flatMap((id) => {
        const key = read.get(id) ?? memory.get(id);
        return key ? [[id, key] as const] : [];
      });
      return new Map(
        keys.map(([id, key]) => [id, (place, sealed) => openText(key, `${id}:${place}`, sealed)]),
      );
    },
    async sealer(memberId) {
      // Not remembered: the transaction that keeps it may not be committed.
      const key = await ports.readOrKeep(memberId, randomBytes(sealKeyBytes));
      return (place, text) => sealText(key, `${memberId}:${place}`, text);
    },
    cardHash: async (cardNumber) => lookupHash(await lookupSecret(), 'card', cardNumber),
    referenceHash: async (merchantId, reference) =>
      lookupHash(await lookupSecret(), 'reference', merchantId, reference),
    async forget(memberId) {
      memory.delete(memberId);
      await ports.remove(memberId);
    },
  };
}

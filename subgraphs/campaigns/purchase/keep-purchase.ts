import { isDuplicateKey } from '../../shared/mongo.ts';
import type { MemberCapStore } from '../earning/member-cap-store.ts';
import { cappedGrants } from './advance-purchase.ts';
import { type AttemptPorts, newAttempt } from './attempts.ts';
import type { ReadyPurchase } from './evaluate-purchase.ts';
import type { Purchase, RequestIdentity } from './purchase.ts';
import type { PurchaseStore } from './purchase-store.ts';

/** What keeping a purchase needs. */
export interface KeepPurchasePorts extends Pick<AttemptPorts, 'transaction' | 'clock' | 'newId'> {
  readonly purchases: Pick<PurchaseStore, 'insert'>;
  readonly caps: MemberCapStore;
}

const attemptsMax = 20;

/**
 * Keeps it with the attempt to post it that follows. Without a cap per member, one insert is all; with one, the caps are
 * read, decided on and consumed in a transaction.
 */
function write(ports: KeepPurchasePorts, identity: RequestIdentity, ready: ReadyPurchase): Promise<Purchase> {
  const { capped, memberId } = ready;
  const insert = async (given: readonly bigint[]): Promise<Purchase> => {
    const frozen = ready.freeze(given);
    const purchase = frozen.state === 'PENDING' ? { ...frozen, attempts: [newAttempt(ports)] } : frozen;
    await ports.purchases.insert(purchase, identity);
    return purchase;
  };
  if (capped.length === 0) return insert([]);
  return ports.transaction(async () => {
    const purchase = await insert(await ports.caps.given(memberId, capped));
    await ports.caps.add(memberId, cappedGrants(purchase));
    return purchase;
  });
}

/**
 * Keeps a purchase with its evaluation, once for ever: the database's unique indexes decide who is first. Whoever comes
 * later is given what `before` says was there.
 */
export async function keepPurchase<B>(
  ports: KeepPurchasePorts,
  identity: RequestIdentity,
  ready: ReadyPurchase,
  before: () => Promise<B | null>,
): Promise<{ kind: 'KEPT'; purchase: Purchase } | { kind: 'BEFORE'; before: B }> {
  for (let attempt = 1; ; attempt++)
    try {
      return { kind: 'KEPT', purchase: await write(ports, identity, ready) };
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === attemptsMax) throw error;
      const found = await before();
      if (found) return { kind: 'BEFORE', before: found };
      // Two purchases made the same member's first counter at once, or the one before was withdrawn: decide again.
    }
}

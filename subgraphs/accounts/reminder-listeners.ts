import type { LedgerWiring } from './ledger/ledger-ports.ts';
import type { Listener } from './ledger/reminder-event.ts';
import { isGiven } from './privacy/consent.ts';
import type { Stores } from './stores.ts';

/** Who is told of members' reminders: the merchants that registered them, of all points if the member shares its balance. */
export function listenersOf({ members, consents }: Stores): LedgerWiring['listenersOf'] {
  return async (memberIds) => {
    const found = await members.byIds(memberIds);
    const listeners = found.map(async ({ id, registeredBy }) => {
      const each = registeredBy.map(async (merchantId): Promise<Listener> => {
        const latest = await consents.latest(id, merchantId);
        return { merchantId, whole: isGiven(latest?.inForce ?? [], 'SHARE_BALANCE') };
      });
      return [id, await Promise.all(each)] as const;
    });
    return new Map(await Promise.all(listeners));
  };
}

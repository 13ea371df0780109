import type { Clock, NewId } from '../shared/ids.ts';
import { memberErased } from './event-types.ts';
import { declineAll } from './household/decline-all.ts';
import type { Ledger } from './ledger/ledger.ts';
import { referenceAt } from './membership/member.ts';
import { type DeletePersonalPorts, deleteLeftovers, deletePersonal } from './privacy/delete-personal.ts';
import type { ResumeErasuresPorts } from './privacy/resume-erasures.ts';
import type { Stores } from './stores.ts';
import { newDelivery } from './webhook/fan-out.ts';
import { withoutReference } from './webhook/partner-event.ts';
import { wants } from './webhook/webhook.ts';

/** What carrying on erasures is wired to. */
export interface ErasureWiring {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
}

const declining =
  ({ households }: Stores) =>
  (memberId: string, at: Date): Promise<void> =>
    declineAll(memberId, at, {
      householdsAwaiting: households.awaiting,
      replaceHousehold: households.replace,
    });

const deletions = ({ stores, clock, newId }: ErasureWiring): DeletePersonalPorts => ({
  memberById: stores.members.byId,
  removeMember: stores.members.remove,
  removeProfile: stores.profiles.remove,
  removeBeneficiaries: stores.beneficiaries.remove,
  listsNaming: stores.beneficiaries.naming,
  replaceBeneficiaries: stores.beneficiaries.replace,
  declineInvitations: declining(stores),
  forgetStatementLines: stores.statements.forgetLines,
  forgetExportReasons: stores.exports.forgetReasons,
  forgetHouseholdNames: stores.households.forgetNames,
  forgetLegalHoldReasons: stores.legalHolds.forgetReasons,
  addEvents: stores.outbox.add,
  tellMerchants: async (event, member) => {
    const webhooks = await stores.webhooks.live(member.registeredBy);
    const told = webhooks.filter((webhook) => wants(webhook, event.type));
    const now = clock.now();
    await stores.deliveries.add(
      told.map((webhook) => newDelivery(event, webhook, referenceAt(member, webhook.merchantId), now)),
    );
  },
  newId,
});

/** What carrying an erasure on needs, on these stores and this ledger. */
export function erasurePorts(wiring: ErasureWiring): ResumeErasuresPorts {
  const { stores, ledger, inTransaction, clock } = wiring;
  const { erasures, programmes, deliveries, households } = stores;
  const personal = deletions(wiring);
  return {
    closeWallets: async (memberId, forfeit) => {
      // Whoever is being erased joins no household any more, so there are no others.
      const pooled = await ledger.pooled(memberId, await households.idsOfMember(memberId));
      return ledger.execute({
        kind: 'CLOSE',
        ...{ caller: 'service:accounts', idempotencyKey: `erasure:${memberId}`, inputHash: '' },
        memberId,
        programmes: [...new Set((await programmes.versions()).map(({ code }) => code))],
        pools: pooled.map(({ pool }) => ({ householdId: pool.householdId!, programme: pool.programme })),
        forfeit,
      });
    },
    erasureOf: erasures.of,
    moveErasure: erasures.move,
    refuseErasure: erasures.refuse,
    claimErasure: erasures.claimUntouched,
    deletePersonal: (memberId, at) => deletePersonal(memberId, at, personal),
    deleteLeftovers: (memberId, at) => deleteLeftovers(memberId, at, personal),
    scrubDeliveries: (memberId) => deliveries.rewrite(memberId, memberErased, withoutReference),
    inTransaction,
    clock,
  };
}

import { mergeResolvers } from '../merge-resolvers.ts';
import { batchResolvers } from './batch-resolvers.ts';
import type { LedgerCheck } from './check.ts';
import { giftResolvers } from './gift-resolvers.ts';
import { movementResolvers } from './movement-resolvers.ts';
import { positionResolvers } from './position-resolvers.ts';
import { postingResolvers } from './posting-resolvers.ts';
import { type DeliveriesOf, reminderResolvers } from './reminder-resolvers.ts';
import { restoreResolvers } from './restore-resolvers.ts';
import { serviceResolvers } from './service-resolvers.ts';
import { unlockResolvers } from './unlock-resolvers.ts';
import { type ReachReads, unreachedResolvers } from './unreached-resolvers.ts';
import { type WalletResolverPorts, walletResolvers } from './wallet-resolvers.ts';

/** What the ledger's resolvers need. */
export interface LedgerResolverPorts extends WalletResolverPorts {
  readonly checkLedger: () => Promise<LedgerCheck>;
  readonly deliveriesOf: DeliveriesOf;
  readonly reaches: ReachReads;
}

const mostListed = 100;

const checkResolvers = ({ checkLedger }: LedgerResolverPorts) => ({
  Query: {
    ledgerCheck: async () => {
      const check = await checkLedger();
      return { ...check, violations: check.violations.slice(0, mostListed) };
    },
  },
});

/** All resolvers of the ledger. */
export const ledgerResolvers = (ports: LedgerResolverPorts) =>
  mergeResolvers([
    { Mutation: { ...movementResolvers(ports.ledger), ...serviceResolvers(ports.ledger) } },
    { Mutation: { ...unlockResolvers(ports.ledger), ...restoreResolvers(ports.ledger) } },
    reminderResolvers(ports.ledger, ports.deliveriesOf),
    unreachedResolvers(ports.ledger, ports.reaches),
    giftResolvers(ports.ledger),
    batchResolvers(ports.ledger),
    walletResolvers(ports),
    postingResolvers(ports.ledger, ports.settleWallets),
    positionResolvers(ports.ledger),
    checkResolvers(ports),
  ]);

import type { Clock } from '../ids.ts';
import { type OwnerLease, planLeases, type SlotLease } from './lease.ts';

/** What keeping leases needs of their store. */
export interface LeasePorts {
  readonly renew: (owner: string, now: Date, until: Date) => Promise<void>;
  readonly take: (slots: readonly number[], owner: string, now: Date, until: Date) => Promise<void>;
  readonly all: () => Promise<{ slots: readonly SlotLease[]; owners: readonly OwnerLease[] }>;
  readonly release: (owner: string, slots: readonly number[]) => Promise<void>;
  readonly leave: (owner: string) => Promise<void>;
  readonly forgetOwners: (before: Date) => Promise<void>;
}

/** Keeps one owner's leases. */
export interface LeaseKeeper {
  /** Prolongs, gives back and takes, when it is time to. */
  refresh(): Promise<void>;
  /** The slots that are ours now. */
  slots(): readonly number[];
  /** Whether a slot is ours at this very moment: asked before each delivery. */
  holds(slot: number): boolean;
  /** Gives everything back, for others to take at once. */
  leave(): Promise<void>;
}

/** Makes a keeper. A lease lasts `leaseMs` and is prolonged after a quarter of that. */
export function createLeaseKeeper(
  ports: LeasePorts,
  { owner, leaseMs, clock }: { owner: string; leaseMs: number; clock: Clock },
): LeaseKeeper {
  let mine: readonly number[] = [];
  // Counted from before the store was asked, so that we think a lease over before anybody else does.
  let until = new Date(0);
  let refreshAfter = 0;
  const isOurs = () => clock.now() < until;

  let refreshing: Promise<void> | null = null;

  const renew = async (now: Date): Promise<void> => {
    const next = new Date(now.getTime() + leaseMs);
    await ports.renew(owner, now, next);
    const before = await ports.all();
    const plan = planLeases(owner, before.slots, before.owners, now);
    if (plan.surplus.length > 0) await ports.release(owner, plan.surplus);
    if (plan.wanted.length > 0) await ports.take(plan.wanted, owner, now, next);
    if (before.owners.some((lease) => lease.until < now)) await ports.forgetOwners(now);
    const changed = plan.surplus.length > 0 || plan.wanted.length > 0;
    const { slots, owners } = changed ? await ports.all() : before;
    mine = planLeases(owner, slots, owners, now).mine;
    until = next;
    refreshAfter = now.getTime() + leaseMs / 4;
  };
  const refresh = async (): Promise<void> => {
    const now = clock.now();
    if (isOurs() && now.getTime() < refreshAfter) return;
    refreshing ??= renew(now).finally(() => {
      refreshing = null;
    });
    await refreshing;
  };

  return {
    refresh,
    slots: () => (isOurs() ? mine : []),
    holds: (slot) => isOurs() && mine.includes(slot),
    leave: async () => {
      mine = [];
      await ports.leave(owner);
    },
  };
}

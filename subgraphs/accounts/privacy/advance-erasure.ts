import type { Clock } from '../../shared/ids.ts';
import type {
  ArrearsOwed,
  CasesOpen,
  HoldsOpen,
  PointsIn,
  PointsLeft,
  WalletsClosed,
} from '../ledger/command.ts';
import { type Erasure, type ErasureState, scrubbingMs } from './erasure.ts';

/** What carrying an erasure on needs. */
export interface AdvanceErasurePorts {
  /** Closes all wallets of a member at once, or says why not with nothing done. Again it changes nothing. */
  readonly closeWallets: (
    memberId: string,
    forfeit: readonly PointsIn[],
  ) => Promise<WalletsClosed | CasesOpen | HoldsOpen | ArrearsOwed | PointsLeft>;
  readonly erasureOf: (memberId: string) => Promise<Erasure | null>;
  readonly moveErasure: (
    memberId: string,
    from: readonly ErasureState[],
    changes: Partial<Pick<Erasure, 'state' | 'erasedAt' | 'reason' | 'touchedAt'>>,
  ) => Promise<Erasure | null>;
  /** Notes that nothing happened; false if somebody carried it on. */
  readonly refuseErasure: (memberId: string, at: Date) => Promise<boolean>;
  /** Deletes what is personal and tells of it; to be run in a transaction. */
  readonly deletePersonal: (memberId: string, at: Date) => Promise<void>;
  /** Takes the member out of what waits to be sent, or was. */
  readonly scrubDeliveries: (memberId: string) => Promise<void>;
  /** Deletes what somebody wrote who had read the member before; to be run in a transaction. */
  readonly deleteLeftovers: (memberId: string, at: Date) => Promise<void>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
}

/** Why an erasure was refused: nothing had happened. */
export type ErasureRefusal = CasesOpen | HoldsOpen | ArrearsOwed | PointsLeft;

/** How an erasure stands: erased, or refused. */
export type Advanced = { readonly kind: 'Erased'; readonly erasure: Erasure } | ErasureRefusal;

/**
 * A refusal counts only if nobody else got further meanwhile. Wallets that were closed are the point of no return: whoever closed
 * them carries on, even if another was refused before and said so.
 */
async function closing(erasure: Erasure, ports: AdvanceErasurePorts): Promise<ErasureRefusal | null> {
  const outcome = await ports.closeWallets(erasure.memberId, erasure.forfeit);
  if (outcome.kind === 'WalletsClosed') {
    const changes = { state: 'ERASING', touchedAt: ports.clock.now() } as const;
    await ports.moveErasure(erasure.memberId, ['CLOSING', 'REFUSED'], changes);
    return null;
  }
  return (await ports.refuseErasure(erasure.memberId, ports.clock.now())) ? outcome : null;
}

/** Deletes all that is personal in one transaction with the note that it was done. */
async function erasing({ memberId }: Erasure, ports: AdvanceErasurePorts): Promise<void> {
  const at = ports.clock.now();
  await ports.inTransaction(async () => {
    const changes = { state: 'SCRUBBING', erasedAt: at, touchedAt: at, reason: null } as const;
    if (await ports.moveErasure(memberId, ['ERASING'], changes)) await ports.deletePersonal(memberId, at);
  });
}

/** Whoever relayed or wrote may have read the member just before it was gone, so all that is looked for again a minute later. */
async function scrubbing({ memberId, erasedAt }: Erasure, ports: AdvanceErasurePorts): Promise<void> {
  const begunAt = ports.clock.now();
  await ports.scrubDeliveries(memberId);
  await ports.inTransaction(() => ports.deleteLeftovers(memberId, begunAt));
  if (begunAt.getTime() < erasedAt!.getTime() + scrubbingMs) return;
  await ports.moveErasure(memberId, ['SCRUBBING'], { state: 'ERASED', touchedAt: begunAt });
}

/**
 * Carries an erasure on from wherever it is. Each step may be run again, by anybody, after a crash at any place. Gives null
 * if another was refused it meanwhile.
 */
export async function advanceErasure(erasure: Erasure, ports: AdvanceErasurePorts): Promise<Advanced | null> {
  for (let current: Erasure | null = erasure; current; current = await ports.erasureOf(erasure.memberId)) {
    switch (current.state) {
      case 'CLOSING': {
        const refused = await closing(current, ports);
        if (refused) return refused;
        break;
      }
      case 'ERASING':
        await erasing(current, ports);
        break;
      case 'REFUSED':
        return null;
      case 'SCRUBBING':
        await scrubbing(current, ports);
        return { kind: 'Erased', erasure: current };
      case 'ERASED':
        return { kind: 'Erased', erasure: current };
    }
  }
  return null;
}

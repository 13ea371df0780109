import type { Log } from '../../shared/log.ts';
import type { CataloguePorts } from '../ports.ts';
import { advanceRedemption } from './advance-redemption.ts';

const mostAtOnce = 100;

/**
 * Finishes or undoes redemptions and cancellations that nobody has touched for `untouchedMs`: their process died, or
 * accounts gave no answer. One that cannot be advanced is logged, and waits its turn behind the others.
 */
export async function sweepRedemptions(ports: CataloguePorts, log: Log, untouchedMs: number): Promise<void> {
  const before = new Date(ports.clock.now().getTime() - untouchedMs);
  for (let count = 0; count < mostAtOnce; count++) {
    const record = await ports.redemptions.claimUntouched(before);
    if (!record) return;
    try {
      await advanceRedemption(ports, record);
    } catch (err) {
      log.warn({ err, redemption: record.id, step: record.step }, 'redemption not finished yet');
    }
  }
}

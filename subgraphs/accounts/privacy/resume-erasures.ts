import { type AdvanceErasurePorts, advanceErasure } from './advance-erasure.ts';
import type { Erasure } from './erasure.ts';

/** What carrying on erasures that were left behind needs. */
export interface ResumeErasuresPorts extends AdvanceErasurePorts {
  readonly claimErasure: (before: Date, now: Date) => Promise<Erasure | null>;
}

/** How long one is left alone before it is taken for abandoned: longer than any step takes. */
const untouchedMs = 30_000;
const mostAtOnce = 100;

/** Carries on what a crash left behind, and looks again for copies of what was erased a little while ago. */
export async function resumeErasures(ports: ResumeErasuresPorts): Promise<void> {
  for (let i = 0; i < mostAtOnce; i++) {
    const now = ports.clock.now();
    const erasure = await ports.claimErasure(new Date(now.getTime() - untouchedMs), now);
    if (!erasure) return;
    await advanceErasure(erasure, ports);
  }
}

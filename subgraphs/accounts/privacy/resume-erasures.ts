import { eachDespiteFailures } from '../../shared/despite-failures.ts';
import { type AdvanceErasurePorts, advanceErasure } from './advance-erasure.ts';
import type { Erasure } from './erasure.ts';

/** What carrying on erasures that were left behind needs. */
export interface ResumeErasuresPorts extends AdvanceErasurePorts {
  readonly claimErasure: (before: Date, now: Date) => Promise<Erasure | null>;
}

/** How long one is left alone before it is taken for abandoned: longer than any step takes. */
const untouchedMs = 30_000;
const mostAtOnce = 100;

async function* claimAll({ claimErasure, clock }: ResumeErasuresPorts): AsyncGenerator<Erasure> {
  for (let i = 0; i < mostAtOnce; i++) {
    const now = clock.now();
    const erasure = await claimErasure(new Date(now.getTime() - untouchedMs), now);
    if (!erasure) return;
    yield erasure;
  }
}

/**
 * Carries on what a crash left behind, and looks again for copies of what was erased a little while ago. One that cannot be
 * carried on does not hold up the others.
 */
export const resumeErasures = (ports: ResumeErasuresPorts): Promise<void> =>
  eachDespiteFailures(
    claimAll(ports),
    ({ memberId }) => memberId,
    (erasure) => advanceErasure(erasure, ports),
  );

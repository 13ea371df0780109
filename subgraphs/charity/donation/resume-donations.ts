import { advanceDonation } from './advance-donation.ts';
import { timing } from './donation.ts';
import { type DonationPorts, DonationUnsettled } from './donation-ports.ts';

/**
 * Carries on the donations that a dead process or an unanswered request left behind, longest untouched first. `onFault` is
 * told of each that fails again; the others are carried on all the same.
 */
export async function resumeDonations(
  ports: DonationPorts,
  onFault: (id: string, error: unknown) => void,
): Promise<void> {
  const now = ports.clock.now();
  const before = new Date(now.getTime() - timing.untouchedMs);
  for (const id of await ports.donations.abandoned(before, now, 100)) {
    try {
      await advanceDonation(ports, id);
    } catch (error) {
      // One that waits for its doubt to pass is nothing to report.
      if (!(error instanceof DonationUnsettled)) onFault(id, error);
    }
  }
}

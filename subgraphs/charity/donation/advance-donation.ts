import { matchPoints, mostMatches } from '../matching/match-points.ts';
import type { Match } from '../matching/pledge.ts';
import { type Donation, type DonationRefusal, timing } from './donation.ts';
import { type DonationPorts, DonationUnsettled, type TakenPoints } from './donation-ports.ts';
import { receiptNumber, receiptYear } from './receipt.ts';

const after = (date: Date, ms: number): Date => new Date(date.getTime() + ms);

/** Reserves what a cause's pledges match, oldest first. Runs inside a transaction. */
export async function reserveMatches(
  ports: Pick<DonationPorts, 'pledges'>,
  causeId: string,
  points: bigint,
): Promise<Match[]> {
  const matches = matchPoints(points, await ports.pledges.openOfCause(causeId, mostMatches));
  for (const { pledgeId, quantity } of matches) {
    const reserved = await ports.pledges.reserve(pledgeId, quantity);
    if (!reserved) throw new Error(`pledge ${pledgeId} has less than ${quantity} left`);
  }
  return matches;
}

/**
 * Moves a donation on to its end if no other attempt has it, and gives the record as it is then. Safe to call at any
 * time, from any process. Throws where the end stays unknown; the record then stays PENDING.
 */
export async function advanceDonation(ports: DonationPorts, id: string): Promise<Donation> {
  const donation = await found(ports, id);
  const now = ports.clock.now();
  if (donation.status !== 'PENDING' || (donation.attemptUntil && donation.attemptUntil > now))
    return donation;
  const attemptId = ports.newId('att');
  // An attempt that never ended may still be on its way to accounts.
  const doubtUntil = donation.attemptId ? after(now, timing.doubtMs) : donation.doubtUntil;
  const attempt = { id: attemptId, until: after(now, timing.leaseMs), doubtUntil, now };
  const claimed = await ports.donations.claim(id, donation.attemptId, attempt);
  return claimed ? attemptDonation(ports, { ...donation, attemptId, doubtUntil }) : found(ports, id);
}

/** Carries out the attempt that the record is claimed by: takes the points, then confirms or gives back. */
export async function attemptDonation(ports: DonationPorts, donation: Donation): Promise<Donation> {
  const taken = await takePoints(ports, donation);
  switch (taken.kind) {
    case 'Posted':
      return confirmDonation(ports, donation, taken.postingId);
    case 'Unreachable':
      await release(ports, donation, donation.doubtUntil);
      throw new DonationUnsettled(`${donation.id}: accounts cannot be reached`);
    case 'InvalidInput':
    case 'NotFound':
    case 'NotEnoughPoints':
      return failDonation(ports, donation, taken);
  }
}

async function takePoints(ports: DonationPorts, donation: Donation): Promise<TakenPoints> {
  try {
    return await ports.accounts.takePoints(donation);
  } catch (error) {
    await release(ports, donation, after(ports.clock.now(), timing.doubtMs));
    throw error;
  }
}

const release = (ports: DonationPorts, donation: Donation, doubtUntil: Date | null): Promise<void> =>
  ports.donations.release(donation.id, donation.attemptId!, doubtUntil, ports.clock.now());

/**
 * Confirms a donation whose points are posted: receipt, counters and status in one transaction, once. A posting is a fact
 * whoever brings it, so this needs no claim. Should it belong to a record that failed meanwhile (a request that lingered
 * longer than any should), the record is confirmed all the same with what the pledges have left.
 */
async function confirmDonation(
  ports: DonationPorts,
  { id, causeId }: Donation,
  postingId: string,
): Promise<Donation> {
  return ports.transaction(causeId, async () => {
    const donation = await found(ports, id);
    if (donation.status === 'CONFIRMED') return donation;
    const matches =
      donation.status === 'FAILED' ? await reserveMatches(ports, causeId, donation.points) : donation.matches;
    const year = receiptYear(ports.clock.now());
    const number = receiptNumber(year, await ports.receipts.next(year));
    const confirmed: Donation = {
      ...donation,
      status: 'CONFIRMED',
      matches,
      postingId,
      receiptNumber: number,
      refusal: null,
      attemptId: null,
      attemptUntil: null,
      doubtUntil: null,
    };
    await ports.donations.confirm(confirmed);
    await ports.causes.count(causeId, donation.points);
    for (const match of matches) await ports.pledges.confirm(match.pledgeId, match.quantity);
    return confirmed;
  });
}

/**
 * Ends a donation that accounts refused and gives its reservation back, in one transaction. While an earlier attempt could
 * still reach accounts the refusal proves nothing, so the record stays PENDING.
 */
async function failDonation(
  ports: DonationPorts,
  donation: Donation,
  refusal: DonationRefusal,
): Promise<Donation> {
  if (donation.doubtUntil && donation.doubtUntil > ports.clock.now()) {
    await release(ports, donation, donation.doubtUntil);
    throw new DonationUnsettled(`${donation.id}: an earlier attempt may still arrive`);
  }
  await ports.transaction(donation.causeId, async () => {
    if (!(await ports.donations.fail(donation.id, donation.attemptId!, refusal))) return;
    for (const match of donation.matches) await ports.pledges.giveBack(match.pledgeId, match.quantity);
  });
  return found(ports, donation.id);
}

async function found(ports: DonationPorts, id: string): Promise<Donation> {
  const donation = await ports.donations.find(id);
  if (!donation) throw new Error(`donation ${id} is gone`);
  return donation;
}

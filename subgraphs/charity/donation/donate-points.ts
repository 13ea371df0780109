import type { OutsideCaller } from '../../shared/caller.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  memberNotFound,
  notFound,
} from '../../shared/refusal.ts';
import { checkSame, identify, type RequestIdentity } from '../../shared/request.ts';
import { advanceDonation, attemptDonation, reserveMatches } from './advance-donation.ts';
import {
  checkDonation,
  type DonatePointsInput,
  type Donation,
  type DonationRefusal,
  selectorOf,
  timing,
} from './donation.ts';
import { type DonationPorts, DonationUnsettled, KeyTaken, type ResolvedMember } from './donation-ports.ts';

/** What donating comes to. `replayed`: the donation had been begun by the same request before. */
export type DonatePointsOutcome =
  | { readonly kind: 'PointsDonated'; readonly donation: Donation; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | DonationRefusal;

/** The kinds of caller that may donate. */
export type Donor = OutsideCaller & { readonly kind: 'MEMBER' | 'MERCHANT' };

/**
 * Gives a member's points to a cause: reserves what pledges match and takes the points, together or not at all. Throws
 * where accounts' answer is missing; the donation is then carried on by the same request or by the sweeper.
 */
export async function donatePoints(
  ports: DonationPorts,
  caller: Donor,
  input: DonatePointsInput,
): Promise<DonatePointsOutcome> {
  const fault = checkDonation(caller, input);
  if (fault) return fault;
  const request = identify(caller, { ...input, programme: input.programme ?? 'SHARED' });
  const earlier = await ports.donations.findByRequest(request);
  if (earlier) return answerAgain(ports, request, earlier);
  const causeName = await ports.causes.nameOf(input.causeId);
  if (causeName === null) return notFound('CAUSE', input.causeId);
  const member = await memberOf(ports, caller, input);
  if (!member) return memberNotFound(selectorOf(caller, input));
  const donation = newDonation(ports, caller, input, { causeName, member, request });
  return begin(ports, request, donation);
}

/** The member meant, if it is one that this caller may give for. */
async function memberOf(
  ports: DonationPorts,
  caller: Donor,
  input: DonatePointsInput,
): Promise<ResolvedMember | null> {
  const member = await ports.accounts.resolveMember(selectorOf(caller, input), caller);
  if (!member) return null;
  const own =
    caller.kind === 'MEMBER'
      ? member.id === caller.memberId
      : member.registeredBy.includes(caller.merchantId);
  return own ? member : null;
}

function newDonation(
  ports: DonationPorts,
  caller: Donor,
  input: DonatePointsInput,
  known: { causeName: string; member: ResolvedMember; request: RequestIdentity },
): Donation {
  const at = ports.clock.now();
  return {
    id: ports.newId('don'),
    causeId: input.causeId,
    causeName: known.causeName,
    memberId: known.member.id,
    locale: known.member.locale,
    merchantIds: caller.merchantId ? [caller.merchantId] : [],
    actor: caller,
    points: input.points,
    programme: input.programme ?? 'SHARED',
    status: 'PENDING',
    at,
    matches: [],
    receiptNumber: null,
    postingId: null,
    refusal: null,
    inputHash: known.request.inputHash,
    attemptId: ports.newId('att'),
    attemptUntil: leaseEnd(ports),
    doubtUntil: null,
  };
}

const leaseEnd = ({ clock }: DonationPorts): Date => new Date(clock.now().getTime() + timing.leaseMs);

/** Writes the record with its reservation in one transaction, then carries out its first attempt. */
async function begin(
  ports: DonationPorts,
  request: RequestIdentity,
  donation: Donation,
): Promise<DonatePointsOutcome> {
  try {
    const begun = await ports.transaction(donation.causeId, async () => {
      const matches = await reserveMatches(ports, donation.causeId, donation.points);
      // The attempt begins now, not when this donation began to wait for its turn.
      const record = { ...donation, matches, attemptUntil: leaseEnd(ports) };
      await ports.donations.insert(record, request);
      return record;
    });
    return outcomeOf(await attemptDonation(ports, begun), false);
  } catch (error) {
    if (!(error instanceof KeyTaken)) throw error;
    const winner = await ports.donations.findByRequest(request);
    // The winner may have failed and freed the key between the two reads: then this request begins anew.
    return winner ? answerAgain(ports, request, winner) : begin(ports, request, donation);
  }
}

async function answerAgain(
  ports: DonationPorts,
  request: RequestIdentity,
  earlier: Donation,
): Promise<DonatePointsOutcome> {
  return checkSame(earlier, request) ?? outcomeOf(await settled(ports, earlier.id), true);
}

/** The donation at its end: moves it on itself or waits for whoever is at it. */
async function settled(ports: DonationPorts, id: string): Promise<Donation> {
  const patience = ports.clock.now().getTime() + timing.patienceMs;
  for (let pause = 10; ; pause = Math.min(pause * 2, 320)) {
    const donation = await advanceDonation(ports, id);
    if (donation.status !== 'PENDING') return donation;
    if (ports.clock.now().getTime() > patience) throw new DonationUnsettled(`${id}: still being carried out`);
    await ports.wait(pause);
  }
}

function outcomeOf(donation: Donation, replayed: boolean): DonatePointsOutcome {
  switch (donation.status) {
    case 'CONFIRMED':
      return { kind: 'PointsDonated', donation, replayed };
    case 'FAILED':
      return donation.refusal!;
    case 'PENDING':
      throw new DonationUnsettled(`${donation.id}: still being carried out`);
  }
}

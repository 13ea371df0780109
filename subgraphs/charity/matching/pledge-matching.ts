import type { Caller } from '../../shared/caller.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import { type IdempotencyConflict, type InvalidInput, invalidInput, notFound } from '../../shared/refusal.ts';
import { checkSame, identify, type RequestIdentity } from '../../shared/request.ts';
import type { NotFound } from '../refusals.ts';
import { checkPledge, newPledge, type Pledge, type PledgeTerms } from './pledge.ts';

/** What pledging needs. */
export interface PledgeMatchingPorts {
  readonly causes: { exists(id: string): Promise<boolean> };
  readonly pledges: {
    findByRequest(request: RequestIdentity): Promise<{ pledge: Pledge; inputHash: string } | null>;
    countOfCause(causeId: string): Promise<number>;
    countOfMerchant(merchantId: string): Promise<number>;
    /** False if the caller's key is taken; nothing is written then. */
    insert(pledge: Pledge, request: RequestIdentity): Promise<boolean>;
  };
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What pledging comes to. */
export type PledgeMatchingOutcome =
  | { readonly kind: 'MatchingPledged'; readonly pledge: Pledge }
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

/** A cause's and a merchant's pledges are answered as one list, so there is a most; it may be passed by a few at once. */
const mostPledges = 500;

/** Pledges a merchant's goods to a cause, or gives the pledge that the same request made before. */
export async function pledgeMatching(
  ports: PledgeMatchingPorts,
  caller: Caller & { readonly kind: 'MERCHANT' },
  input: PledgeTerms & { readonly idempotencyKey: string },
): Promise<PledgeMatchingOutcome> {
  const fault = checkPledge(input);
  if (fault) return fault;
  const request = identify(caller, input);
  const earlier = await answerAgain(ports, request);
  if (earlier) return earlier;
  if (!(await ports.causes.exists(input.causeId))) return notFound('CAUSE', input.causeId);
  if (await tooMany(ports, input.causeId, caller.merchantId))
    return invalidInput(
      'input.causeId',
      `fewer than ${mostPledges} pledges of this cause and of this merchant`,
    );
  const pledge = newPledge(ports.newId('ple'), caller.merchantId, input, ports.clock.now());
  if (await ports.pledges.insert(pledge, request)) return { kind: 'MatchingPledged', pledge };
  // The same key arrived twice at once and the other one was first.
  return (await answerAgain(ports, request))!;
}

async function tooMany(ports: PledgeMatchingPorts, causeId: string, merchantId: string): Promise<boolean> {
  const counts = [await ports.pledges.countOfCause(causeId), await ports.pledges.countOfMerchant(merchantId)];
  return counts.some((count) => count >= mostPledges);
}

async function answerAgain(
  ports: PledgeMatchingPorts,
  request: RequestIdentity,
): Promise<PledgeMatchingOutcome | null> {
  const earlier = await ports.pledges.findByRequest(request);
  if (!earlier) return null;
  return checkSame(earlier, request) ?? { kind: 'MatchingPledged', pledge: earlier.pledge };
}

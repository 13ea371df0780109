import type { Caller } from '../../shared/caller.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import type { IdempotencyConflict, InvalidInput } from '../../shared/refusal.ts';
import { checkSame, identify, type RequestIdentity } from '../../shared/request.ts';
import { type Cause, type CauseTerms, checkCause, newCause } from './cause.ts';

/** What opening a cause needs. */
export interface OpenCausePorts {
  readonly causes: {
    findByRequest(request: RequestIdentity): Promise<{ cause: Cause; inputHash: string } | null>;
    /** False if the caller's key is taken; nothing is written then. */
    insert(cause: Cause, request: RequestIdentity): Promise<boolean>;
  };
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What opening a cause comes to. */
export type OpenCauseOutcome =
  | { readonly kind: 'CauseOpened'; readonly cause: Cause }
  | InvalidInput
  | IdempotencyConflict;

/** Opens a cause, or gives the one that the same request opened before. */
export async function openCause(
  ports: OpenCausePorts,
  caller: Caller,
  input: CauseTerms & { readonly idempotencyKey: string },
): Promise<OpenCauseOutcome> {
  const fault = checkCause(input);
  if (fault) return fault;
  const request = identify(caller, input);
  const earlier = await answerAgain(ports, request);
  if (earlier) return earlier;
  const cause = newCause(ports.newId('cau'), input, ports.clock.now());
  if (await ports.causes.insert(cause, request)) return { kind: 'CauseOpened', cause };
  // The same key arrived twice at once and the other one was first.
  return (await answerAgain(ports, request))!;
}

async function answerAgain(
  ports: OpenCausePorts,
  request: RequestIdentity,
): Promise<OpenCauseOutcome | null> {
  const earlier = await ports.causes.findByRequest(request);
  if (!earlier) return null;
  return checkSame(earlier, request) ?? { kind: 'CauseOpened', cause: earlier.cause };
}

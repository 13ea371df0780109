import type { Document } from 'bson';
import { withoutPeculiarities } from './driver-peculiarities.ts';
import { assertMatch, type MatchScope, show } from './matching.ts';
import { isCommandEvent, type ObservedEvent } from './observed-client.ts';
import { Mismatch, NotApplicable } from './outcome.ts';

/**
 * Fails with `Mismatch` unless a client published the events that a test expects of it, in their order. What had to be
 * allowed for is added to `allowed`.
 */
export function assertEvents(
  expectation: Document,
  observed: readonly ObservedEvent[],
  scope: MatchScope,
  allowed: Set<string>,
): void {
  const kind = expectation['eventType'] ?? 'command';
  if (kind === 'sdam') throw new NotApplicable('the runner does not record events of server discovery');
  const seen = observed.filter((event) => isCommandEvent(event) === (kind === 'command'));
  const expected = expectation['events'] as Document[];
  const enough = expectation['ignoreExtraEvents']
    ? seen.length >= expected.length
    : seen.length === expected.length;
  if (!enough)
    throw new Mismatch(
      `${expected.length} ${kind} events expected, ${seen.length} seen: ${seen.map(brief).join(', ')}`,
    );
  for (const [i, event] of expected.entries())
    assertEvent(event, seen[i] as ObservedEvent, scope, allowed, `event ${i}`);
}

function brief({ type, event }: ObservedEvent): string {
  return event['commandName'] ?? type;
}

function assertEvent(
  expected: Document,
  { type, event }: ObservedEvent,
  scope: MatchScope,
  allowed: Set<string>,
  path: string,
): void {
  const [wantedType, details] = Object.entries(expected)[0] as [string, Document];
  if (wantedType !== type) throw new Mismatch(`${path}: ${wantedType} expected, ${type} seen`);
  for (const [name, wanted] of Object.entries(details)) {
    if (name === 'command') {
      assertMatch(
        wanted,
        withoutPeculiarities(wanted, event[name], allowed),
        scope,
        'root',
        `${path} ${name}`,
      );
    } else if (name === 'reply') {
      assertMatch(wanted, event[name], scope, 'root', `${path} ${name}`);
    } else if (name === 'hasServiceId' || name === 'hasServerConnectionId') {
      const has = (event[name === 'hasServiceId' ? 'serviceId' : 'serverConnectionId'] ?? null) !== null;
      if (has !== wanted) throw new Mismatch(`${path} ${name}: ${show(wanted)} expected`);
    } else assertMatch(wanted, event[name], scope, 'nested', `${path} ${name}`);
  }
}

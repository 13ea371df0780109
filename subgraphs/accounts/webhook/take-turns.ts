import type { Log } from '../../shared/log.ts';
import { createRoster, type ReadyWebhook, type Roster, type RosterTerms } from './roster.ts';
import { type EndedTurn, type SendPorts, sendDeliveries, type TurnTerms } from './send-deliveries.ts';

/** What webhooks' turns need. */
export interface TurnPorts extends SendPorts {
  /** Webhooks that may be sent to and that no sender has. */
  readonly ready: (now: Date) => Promise<readonly ReadyWebhook[]>;
  /** One of these webhooks that has something to send; null if none has. */
  readonly dueWebhook: (webhookIds: readonly string[], now: Date) => Promise<string | null>;
  readonly log: Log;
}

/** Turns of webhooks at one sender. */
export interface Turns {
  /** Begins a turn of each webhook that has something due and none under way, as far as there are places. */
  begin(): Promise<void>;
  /** What is under way at this moment. */
  underWay(): readonly Promise<void>[];
  /** How many attempts turns that have ended made. */
  sent(): number;
}

/** The webhook whose turn is next, of those that have something to send; null if there is none, or no place. */
async function nextDue(
  ready: readonly ReadyWebhook[],
  now: Date,
  roster: Roster,
  { dueWebhook }: TurnPorts,
): Promise<string | null> {
  const { fresh, served } = roster.open(ready);
  const found = fresh.length > 0 ? await dueWebhook(fresh, now) : null;
  if (found !== null || served.length === 0) return found;
  roster.again(served);
  return dueWebhook(served, now);
}

/**
 * Lets webhooks have turns, each by itself: one whose endpoint is slow holds up none but itself, for the others are looked
 * for and begun meanwhile.
 */
export function createTurns(terms: RosterTerms & TurnTerms, ports: TurnPorts): Turns {
  const { clock, log } = ports;
  const roster = createRoster(terms);
  const running = new Map<string, Promise<void>>();
  let looking: Promise<void> | null = null;
  let hasChanged = false;
  let sent = 0;

  const begin = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  };
  const tellFailure = (err: unknown): void => log.error({ err }, 'a webhook was not sent to');
  const end = (id: string, ended: EndedTurn | null): void => {
    running.delete(id);
    roster.end(id, ended && ended.sent > 0 ? ended.isSlow : null);
    sent += ended?.sent ?? 0;
    // Whoever waits for a place need not wait for the next tick; after a failure it would be tried on and on.
    if (!ended || !(ended.isCut || roster.isCrowded())) return;
    hasChanged = true;
    begin().catch(tellFailure);
  };
  const start = (webhook: ReadyWebhook): void => {
    roster.begin(webhook);
    const { id } = webhook;
    const turn = sendDeliveries(id, terms, ports).then(
      (ended) => end(id, ended),
      (err: unknown) => {
        end(id, null);
        throw err;
      },
    );
    running.set(id, turn);
    turn.catch(tellFailure);
  };

  const fill = async (): Promise<void> => {
    const now = clock.now();
    const ready = terms.isStopping() ? [] : await ports.ready(now);
    for (;;) {
      const id = await nextDue(ready, now, roster, ports);
      const webhook = ready.find((one) => one.id === id);
      if (!webhook || terms.isStopping()) return;
      start(webhook);
    }
  };
  const look = async (): Promise<void> => {
    do {
      hasChanged = false;
      await fill();
      // By a turn that ended meanwhile.
    } while (hasChanged);
  };
  return { begin, underWay: () => [...(looking ? [looking] : []), ...running.values()], sent: () => sent };
}

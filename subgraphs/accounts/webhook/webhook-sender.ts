import type { RosterTerms } from './roster.ts';
import { createTurns, type TurnPorts } from './take-turns.ts';
import { createTidier, type TidyPorts } from './tidy-deliveries.ts';

/** What a sender needs. */
export interface SenderPorts extends TurnPorts, TidyPorts {
  /** Breaks off requests under way. */
  readonly breakOff: () => Promise<void>;
}

/** How a sender works. */
export interface SenderTerms extends Partial<RosterTerms> {
  /** For how long a webhook is sent to at a stretch. */
  readonly turnMs?: number;
}

/** Sends to webhooks. Any number may run. */
export interface WebhookSender {
  /** Begins to send what is due, and does not wait for it. */
  begin(): Promise<void>;
  /** Sends what is due; gives how many attempts were made meanwhile. */
  turn(): Promise<number>;
  /** Lets requests under way end for a moment, breaks off the rest, and gives its webhooks back. */
  stop(): Promise<void>;
}

const defaults = { atOnce: 32, ofOneMerchant: 4, slow: 16, turnMs: 5_000 };
const graceMs = 3_000;

/** Makes a sender that no other has the name of. */
export function createWebhookSender(
  owner: string,
  ports: SenderPorts,
  terms: SenderTerms = {},
): WebhookSender {
  let stopping = false;
  const tidy = createTidier(ports);
  const turns = createTurns({ ...defaults, ...terms, owner, isStopping: () => stopping }, ports);
  const begin = async (): Promise<void> => {
    await tidy();
    await turns.begin();
  };
  /** Waits until nothing is under way; gives what failed. */
  const settle = async (): Promise<unknown[]> => {
    const failures: unknown[] = [];
    for (let under = turns.underWay(); under.length > 0; under = turns.underWay())
      for (const end of await Promise.allSettled(under))
        if (end.status === 'rejected') failures.push(end.reason);
    return failures;
  };
  return {
    begin,
    turn: async () => {
      const before = turns.sent();
      await begin();
      const failures = await settle();
      if (failures.length > 0) throw failures[0];
      return turns.sent() - before;
    },
    stop: async () => {
      stopping = true;
      const late = setTimeout(() => void ports.breakOff(), graceMs);
      await settle();
      clearTimeout(late);
      await ports.breakOff();
    },
  };
}

import type { Clock } from '../../shared/ids.ts';
import { type SendPorts, sendDeliveries } from './send-deliveries.ts';

/** What a sender needs. */
export interface SenderPorts extends SendPorts {
  readonly removeEnded: (before: Date) => Promise<void>;
  readonly deletedIds: () => Promise<readonly string[]>;
  readonly removeOf: (webhookIds: readonly string[]) => Promise<void>;
  /** Breaks off requests under way. */
  readonly breakOff: () => Promise<void>;
  readonly clock: Clock;
}

/** Sends to webhooks. Any number may run. */
export interface WebhookSender {
  /** Sends what is due; gives how many attempts were made. Never twice at once. */
  turn(): Promise<number>;
  /** Lets requests under way end for a moment, breaks off the rest, and gives its webhooks back. */
  stop(): Promise<void>;
}

const graceMs = 3_000;
const hour = 3_600_000;
/** How long deliveries that were taken or given up are kept. */
const retentionMs = 30 * 24 * hour;

/** Makes a sender that no other has the name of. */
export function createWebhookSender(owner: string, ports: SenderPorts): WebhookSender {
  let stopping = false;
  let running: Promise<number> | null = null;
  let tidyAfter = 0;

  const tidy = async (): Promise<void> => {
    const now = ports.clock.now().getTime();
    if (now < tidyAfter) return;
    tidyAfter = now + hour;
    await ports.removeEnded(new Date(now - retentionMs));
    await ports.removeOf(await ports.deletedIds());
  };
  const run = async (): Promise<number> => {
    await tidy();
    return sendDeliveries(owner, () => stopping, ports);
  };
  return {
    turn: () => {
      running ??= run().finally(() => {
        running = null;
      });
      return running;
    },
    stop: async () => {
      stopping = true;
      const late = setTimeout(() => void ports.breakOff(), graceMs);
      await running?.catch(() => {});
      clearTimeout(late);
      await ports.breakOff();
    },
  };
}

import type { Clock } from '../../shared/ids.ts';

/** What tidying needs. */
export interface TidyPorts {
  readonly removeEnded: (before: Date) => Promise<void>;
  readonly deletedIds: () => Promise<readonly string[]>;
  readonly removeOf: (webhookIds: readonly string[]) => Promise<void>;
  readonly clock: Clock;
}

const hour = 3_600_000;
/** How long deliveries that were taken or given up are kept. */
const retentionMs = 30 * 24 * hour;

/** Makes what removes deliveries that need not be kept, each hour if it is asked often enough. */
export function createTidier(ports: TidyPorts): () => Promise<void> {
  let tidyAfter = 0;
  return async () => {
    const now = ports.clock.now().getTime();
    if (now < tidyAfter) return;
    tidyAfter = now + hour;
    await ports.removeEnded(new Date(now - retentionMs));
    await ports.removeOf(await ports.deletedIds());
  };
}

/** A webhook that may be sent to. */
export interface ReadyWebhook {
  readonly id: string;
  readonly merchantId: string;
}

/** How many webhooks a sender sends to at once. */
export interface RosterTerms {
  /** In all. */
  readonly atOnce: number;
  readonly ofOneMerchant: number;
  /** Of those whose endpoints are slow to answer. */
  readonly slow: number;
}

/** Ids of webhooks whose turn may begin. */
export interface Open {
  /** Those that had no turn since the others had one: they come first. */
  readonly fresh: readonly string[];
  readonly served: readonly string[];
}

/** Which webhooks a sender sends to, and whose turn is next. */
export type Roster = ReturnType<typeof createRoster>;

/**
 * Keeps whose turn it is. No merchant has all places, nor have slow endpoints, so that others are served soon however many
 * of those there are; and nobody's turn is put off by others' again and again.
 */
export function createRoster(terms: RosterTerms) {
  const running = new Map<string, ReadyWebhook>();
  const served = new Set<string>();
  const slow = new Set<string>();
  let isCrowded = false;
  const count = (counts: (webhook: ReadyWebhook) => boolean): number =>
    [...running.values()].filter(counts).length;

  return {
    /** Whether some webhooks had to wait for a place when it was last asked which may begin. */
    isCrowded: (): boolean => isCrowded,

    /** Which of some webhooks may begin. */
    open(ready: readonly ReadyWebhook[]): Open {
      const resting = ready.filter(({ id }) => !running.has(id));
      const slowIsFull = count(({ id }) => slow.has(id)) >= terms.slow;
      const free = resting.filter(
        ({ id, merchantId }) =>
          running.size < terms.atOnce &&
          !(slowIsFull && slow.has(id)) &&
          count((other) => other.merchantId === merchantId) < terms.ofOneMerchant,
      );
      isCrowded = free.length < resting.length;
      const ids = free.map(({ id }) => id);
      return {
        fresh: ids.filter((id) => !served.has(id)),
        served: ids.filter((id) => served.has(id)),
      };
    },

    /** Begins another round for webhooks that had their turn. Those that could not begin now keep to their place. */
    again(ids: readonly string[]): void {
      for (const id of ids) served.delete(id);
    },

    begin(webhook: ReadyWebhook): void {
      running.set(webhook.id, webhook);
      served.add(webhook.id);
    },

    /** `isSlow` null: nothing was found out. */
    end(id: string, isSlow: boolean | null): void {
      running.delete(id);
      if (isSlow === true) slow.add(id);
      if (isSlow === false) slow.delete(id);
    },
  };
}

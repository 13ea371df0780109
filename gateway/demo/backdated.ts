import {
  type CallerKey,
  callerHeader,
  type OutsideCaller,
  signCaller,
} from '../../subgraphs/shared/caller.ts';
import type { Clock } from '../../subgraphs/shared/ids.ts';
import type { RunningServer } from '../../subgraphs/shared/subgraph-server.ts';
import { createSend } from './demo-client.ts';

/** Sends one mutation to accounts as it would have been so many days ago, and gives the value of its only field. */
export type SendBackdated = (
  days: number,
  caller: OutsideCaller,
  operation: string,
  variables: object,
) => Promise<unknown>;

const dayMs = 86_400_000;

/**
 * For demo data that has to be older than its store. Starts accounts a second time, for the one mutation and with a clock of
 * its own, so that nobody else's request ever meets the past.
 */
export const createBackdated =
  (start: (clock: Clock) => Promise<RunningServer>, key: CallerKey): SendBackdated =>
  async (days, caller, operation, variables) => {
    const accounts = await start({ now: () => new Date(Date.now() - days * dayMs) });
    try {
      const signed = await signCaller(caller, key);
      const send = createSend(accounts.url, () => ({ [callerHeader]: signed }));
      return await send(signed, operation, variables);
    } finally {
      await accounts.stop();
    }
  };

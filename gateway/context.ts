import type { OutsideCaller } from '../subgraphs/shared/caller.ts';

/** What one incoming request carries to the subgraphs. */
export interface GatewayContext {
  readonly caller: OutsideCaller;
  /** Names the request in every log. */
  readonly requestId: string;
  /** The signed caller for the subgraphs, made once however many are asked. */
  readonly signedCaller: () => Promise<string>;
  /** Ends when the request has taken too long. */
  readonly deadline: AbortSignal;
}

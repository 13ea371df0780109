import type { TokenCaller } from '../token/claims.ts';
import type { DemoFacts } from './examples.ts';

/** Somebody of a demo store whom one may play. */
export interface DemoIdentity {
  /** What the button says, e.g. `Merchant`. */
  readonly label: string;
  /** Who that is, e.g. `Demo Pet Shop`. */
  readonly name: string;
  readonly caller: TokenCaller;
}

/** Seconds that a demo token is valid: long enough for a day of trying out. */
export const demoTokenSeconds = 12 * 3600;

/** What GraphiQL offers on a demo store. */
export interface Demo {
  readonly identities: readonly DemoIdentity[];
  readonly facts: DemoFacts;
}

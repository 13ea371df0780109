import type { ReverseCommand } from './command.ts';
import type { Draft } from './draft.ts';
import type { Posting } from './posting.ts';

/** What every reversal says besides what it moves. */
export const reversalHeader = (draft: Draft, posting: Posting, command: ReverseCommand) => ({
  kind: 'REVERSE' as const,
  at: draft.now,
  merchantId: posting.merchantId,
  holdId: posting.holdId,
  externalRef: command.externalRef ?? null,
  reason: command.reason ?? null,
  reverses: posting.id,
});

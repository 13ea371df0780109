import type { Document } from 'bson';

/** Errors of a node that is going, gone or not the primary any more: what failed may be sent again elsewhere. */
const RETRYABLE = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/** Errors after which the whole transaction may be run again, wherever in it they come. */
const TRANSIENT = new Set([24, 112, 239, 246, 267]);
const NO_SUCH_TRANSACTION = 251;

/** A reply with the labels by which drivers decide what to repeat, unless it has labels already. */
export function labelled(reply: Document, command: Document, name: string): Document {
  if (reply['errorLabels'] !== undefined) return reply;
  const label = labelOf(reply, command, name);
  return label === undefined ? reply : { ...reply, errorLabels: [label] };
}

function labelOf(reply: Document, command: Document, name: string): string | undefined {
  const code = Number(reply['code']);
  const concern = reply['writeConcernError'];
  const inTransaction = command['autocommit'] === false;
  const ends = name === 'commitTransaction' || name === 'abortTransaction';
  const gone = RETRYABLE.has(code);
  if (inTransaction) {
    // An unanswered commit may have been one, so of what says that the node is gone only the commit is repeated.
    const again = ends ? code === NO_SUCH_TRANSACTION && !concern : gone || code === NO_SUCH_TRANSACTION;
    if (TRANSIENT.has(code) || again) return 'TransientTransactionError';
  }
  const retryable = ends || (command['txnNumber'] !== undefined && !inTransaction);
  if (retryable && (gone || RETRYABLE.has(Number(concern?.code)))) return 'RetryableWriteError';
  return undefined;
}

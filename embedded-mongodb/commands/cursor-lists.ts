import type { Document } from 'bson';
import { encodeDocument } from '../storage/record.ts';

/** A source of documents that are all known already. */
export function* serializeDocuments(documents: Iterable<Document>): Generator<Uint8Array> {
  for (const doc of documents) yield encodeDocument(doc);
}

import type { PostingKind } from './posting.ts';
import type { AlreadyPosted } from './refusal.ts';
import { type LedgerView, referenceKeyId } from './view.ts';

/** What a merchant's reference was posted as before, if it was. */
export function alreadyPosted(
  view: LedgerView,
  kind: PostingKind,
  merchantId: string | null,
  externalRef: string | null | undefined,
): AlreadyPosted | null {
  if (typeof externalRef !== 'string' || merchantId === null) return null;
  const record = view.key(referenceKeyId(kind, merchantId, externalRef));
  if (!record) return null;
  const posting = record.postingId === null ? null : view.posting(record.postingId);
  if (!posting) throw new Error(`the posting of ${record.id} was not loaded`);
  return { kind: 'AlreadyPosted', externalRef, posting };
}

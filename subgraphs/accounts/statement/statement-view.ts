import type { Locale } from '../membership/member.ts';
import type { StatementPreview } from './issue-statement.ts';
import { parseRecord, type StatementRecord } from './record.ts';
import type { IssuedStatement } from './statement-store.ts';

/** A statement as it is answered. */
export interface StatementView {
  readonly memberId: string;
  readonly record: StatementRecord;
  readonly made: IssuedStatement | StatementPreview;
  readonly issued: IssuedStatement | null;
  readonly locale: Locale;
}

/** A statement as it is answered in a language. */
export const viewStatement = (made: IssuedStatement | StatementPreview, locale: Locale): StatementView => ({
  memberId: made.memberId,
  record: parseRecord(made.text),
  made,
  issued: 'hash' in made ? made : null,
  locale,
});

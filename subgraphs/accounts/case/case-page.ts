import { type PageArguments, readPage, toConnection } from '../../shared/connection.ts';
import type { CaseConnection } from './case-view.ts';
import type { CaseReads, CasesAsked } from './read-cases.ts';

/** A page of cases, the newest first. */
export async function casePage(
  { cases }: Pick<CaseReads, 'cases'>,
  asked: CasesAsked,
  args: PageArguments,
): Promise<CaseConnection> {
  const page = readPage(args, 1);
  return toConnection(await cases(asked, page), page.first, ({ id }) => [id]);
}

import { z } from 'zod';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import type { ServiceClient } from '../../subgraphs/shared/service-client.ts';

/** The operation that the gateway sends to accounts; a contract test checks it against its schema. */
export const statementOperation = `query StatementDocument($member: ID!, $month: String!, $locale: String) {
  member(id: $member) {
    statement(month: $month, locale: $locale) { json html hash signature keyId }
  }
}`;

const answer = z.object({
  member: z
    .object({
      statement: z
        .object({
          json: z.string(),
          html: z.string(),
          hash: z.string().nullable(),
          signature: z.string().nullable(),
          keyId: z.string().nullable(),
        })
        .nullable(),
    })
    .nullable(),
});

/** A statement as it is downloaded. */
export interface StatementDocument {
  readonly json: string;
  readonly html: string;
  readonly hash: string | null;
  readonly signature: string | null;
  readonly keyId: string | null;
}

/** Which statement, for whom, in which language. */
export interface StatementRequest {
  readonly member: string;
  readonly month: string;
  readonly locale: string | null;
}

/** Reads a statement as a caller may see it; null if there is none for the caller. */
export type ReadDocument = (
  request: StatementRequest,
  caller: OutsideCaller,
) => Promise<StatementDocument | null>;

/** Asks accounts for statements. */
export const documentsOf =
  (accounts: ServiceClient): ReadDocument =>
  async ({ member, month, locale }, caller) =>
    answer.parse(await accounts.send(statementOperation, { member, month, locale }, caller)).member
      ?.statement ?? null;

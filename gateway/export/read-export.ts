import { z } from 'zod';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';

const parts = ['accounts', 'rewards', 'purchases', 'charity'] as const;
type Part = (typeof parts)[number];

const pageOf = (part: Part) =>
  `${part}(first: 100, after: $${part}) @include(if: $more_${part}) { records pageInfo { hasNextPage endCursor } }`;

/** The operation that is sent until no part has a page left. */
export const exportOperation = `mutation DownloadExport(
  $input: ExportMemberInput!, ${parts.map((part) => `$${part}: String, $more_${part}: Boolean!`).join(', ')}
) {
  exportMember(input: $input) {
    __typename
    ... on Refusal { code message }
    ... on MemberExported { export { memberId formatVersion requestedAt ${parts.map(pageOf).join(' ')} } }
  }
}`;

const page = z.object({
  records: z.array(z.string()),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

const answer = z.object({
  exportMember: z.discriminatedUnion('__typename', [
    z.object({
      __typename: z.literal('MemberExported'),
      export: z.object({
        memberId: z.string(),
        formatVersion: z.number(),
        requestedAt: z.string(),
        accounts: page.optional(),
        rewards: page.optional(),
        purchases: page.optional(),
        charity: page.optional(),
      }),
    }),
    z.object({
      __typename: z.enum(['InvalidInput', 'NotFound', 'IdempotencyConflict']),
      code: z.string(),
      message: z.string(),
    }),
  ]),
});

/** Sends an operation as a caller through the whole gateway and gives its data. Throws where there are errors. */
export type Execute = (
  operation: string,
  variables: Record<string, unknown>,
  caller: OutsideCaller,
) => Promise<unknown>;

/** What is asked for: of the operator whose and why, of a member nothing but the key. */
export interface ExportAsked {
  readonly idempotencyKey: string;
  readonly member?: { readonly id: string };
  readonly reason?: string;
}

/** Why there is nothing to download. */
export class ExportRefused extends Error {
  override name = 'ExportRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * All lines of an export: first what it is, then every record of every part, last how many there were, so that whoever reads
 * it knows that nothing is missing. Throws ExportRefused before the first line, or later of a member that was erased meanwhile.
 */
export async function* readExport(
  asked: ExportAsked,
  caller: OutsideCaller,
  execute: Execute,
): AsyncGenerator<string> {
  const cursors = new Map<Part, string | null>(parts.map((part) => [part, null]));
  let count = 0;
  for (let begun = false; cursors.size > 0; begun = true) {
    const variables: Record<string, unknown> = { input: asked };
    for (const part of parts) {
      variables[part] = cursors.get(part) ?? null;
      variables[`more_${part}`] = cursors.has(part);
    }
    const { exportMember } = answer.parse(await execute(exportOperation, variables, caller));
    if (exportMember.__typename !== 'MemberExported')
      throw new ExportRefused(exportMember.code, exportMember.message);
    const { memberId, formatVersion, requestedAt, ...pages } = exportMember.export;
    if (!begun) yield JSON.stringify({ type: 'jifen-export', version: formatVersion, memberId, requestedAt });
    for (const part of [...cursors.keys()]) {
      const found = pages[part];
      if (!found) throw new Error(`${part} gave no page`);
      count += found.records.length;
      yield* found.records;
      if (found.pageInfo.hasNextPage) cursors.set(part, found.pageInfo.endCursor);
      else cursors.delete(part);
    }
  }
  yield JSON.stringify({ type: 'end', records: count });
}

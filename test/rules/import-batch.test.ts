import { expect, test } from '@jest/globals';
import type { GraphqlClient } from '../../tools/graphql-client.ts';
import { type ImportTarget, importBatch } from '../../tools/import/import-batch.ts';
import type { ImportRow } from '../../tools/import/row.ts';

interface Item {
  readonly externalRef: string;
  readonly points: number;
}

/** An endpoint that takes everything but a certain item, and the bodies of the requests that issue. */
function endpoint(refused: string) {
  const issues: string[] = [];
  const send = async <T>(_: string | null, query: string, variables: Record<string, unknown> = {}) => {
    if (!query.includes('issuePointsBatch'))
      return { registerMember: { __typename: 'MemberRegistered', created: true, member: { id: 'm' } } } as T;
    issues.push(JSON.stringify({ query, variables }));
    const { items } = variables['input'] as { items: Item[] };
    const results = items.map(({ externalRef }) =>
      externalRef === refused
        ? { __typename: 'NotFound', code: 'NOT_FOUND', message: 'no' }
        : { __typename: 'PointsPosted', replayed: false },
    );
    return { issuePointsBatch: { results } } as T;
  };
  const client: GraphqlClient = {
    send,
    token: async () => ({ access_token: '', expires_in: 1 }),
    requests: () => issues.length,
    close: async () => {},
  };
  const target: ImportTarget = { client, token: async () => '', programme: 'SHARED', concurrency: 4 };
  return { target, issues };
}

const file = { path: 'members.csv', hash: 'a'.repeat(64), rows: 1_000 };

const rowsWith = (reason: string): ImportRow[] =>
  Array.from({ length: 1_000 }, (_, i) => ({
    line: i + 2,
    reference: `m-${i}`,
    cardNumber: null,
    displayName: null,
    locale: null,
    points: 1,
    externalRef: `r-${i}`,
    reason,
  }));

// A control character takes six bytes in JSON, the most that any takes.
test.each([
  ['of three bytes a character', '会'.repeat(500)],
  ['of six bytes a character', '\u0001'.repeat(500)],
])(
  'a batch with long reasons %s goes in requests that the gateway takes, each row once',
  async (_, reason) => {
    const { target, issues } = endpoint('r-700');

    const { counts, refused } = await importBatch(target, file, rowsWith(reason));

    expect(issues.length).toBeGreaterThan(1);
    expect(Math.max(...issues.map((body) => Buffer.byteLength(body)))).toBeLessThan(1_000_000);
    const sent = issues.flatMap(
      (body) => (JSON.parse(body) as { variables: { input: { items: Item[] } } }).variables.input.items,
    );
    expect(sent.map(({ externalRef }) => externalRef)).toEqual(rowsWith('').map((row) => row.externalRef));
    expect(counts).toEqual({ members: 1_000, points: 999, repeated: 0 });
    expect(refused).toEqual([{ line: 702, reference: 'm-700', reason: 'NOT_FOUND: no' }]);
  },
);

test('a batch with short reasons goes in one request, and one that issues nothing in none', async () => {
  const { target, issues } = endpoint('');

  await importBatch(target, file, rowsWith('opening'));
  await importBatch(
    target,
    file,
    rowsWith('').map((row) => ({ ...row, points: 0 })),
  );

  expect(issues).toHaveLength(1);
});

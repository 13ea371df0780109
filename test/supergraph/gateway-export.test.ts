import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { exportOperation } from '../../gateway/export/read-export.ts';
import { encodeCursor } from '../../subgraphs/shared/connection.ts';
import { type GatewayWorld, type Resolvers, startGatewayWorld } from './gateway-world.ts';

type Fields = Record<string, unknown>;
interface PageArguments {
  readonly after?: string | null;
}

const parts = ['accounts', 'rewards', 'purchases', 'charity'] as const;
type Part = (typeof parts)[number];
type Page = Fields | Error | null;

const page = (records: readonly string[], endCursor: string | null = null): Fields => ({
  records,
  pageInfo: { hasNextPage: endCursor !== null, endCursor },
});

const second = encodeCursor(['purchases', '["2"]']);

/** What accounts answers at first and after that, keys of what it was asked, and the pages of each part by their cursor, the first without one. */
let outcome: Fields;
let later: Fields;
let keys: string[];
let pages: Record<Part, Record<string, Page>>;

function give(part: Part, { after }: PageArguments): Fields | null {
  const found = pages[part][after ?? ''];
  if (found === undefined) throw new Error(`nobody gave the cursor ${after}`);
  if (found instanceof Error) throw found;
  return found;
}

const accounts: Resolvers = {
  Mutation: {
    exportMember: (_: unknown, { input }: { input: { idempotencyKey: string } }) => {
      keys.push(input.idempotencyKey);
      return keys.length > 1 ? later : outcome;
    },
  },
  MemberExport: { accounts: (_: unknown, args: PageArguments) => give('accounts', args) },
};
const partOf = (part: Part): Resolvers => ({
  MemberExport: {
    __resolveReference: ({ memberId }: { memberId: string }) => ({ memberId }),
    [part]: (_: unknown, args: PageArguments) => give(part, args),
  },
});

const logged: string[] = [];
const startWorld = () =>
  startGatewayWorld(
    {
      accounts,
      'rewards-catalogue': partOf('rewards'),
      campaigns: partOf('purchases'),
      charity: partOf('charity'),
    },
    { log: pino({ level: 'error' }, { write: (line: string) => logged.push(line) }) },
  );
const tokenOf = ({ issuer }: GatewayWorld) => issuer.sign({ kind: 'MEMBER', memberId: 'mem_1' }, 600);

let world: GatewayWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());
beforeEach(() => {
  logged.length = 0;
  keys = [];
  const about = { memberId: 'mem_1', formatVersion: 1, requestedAt: new Date('2026-03-01T00:00:00Z') };
  outcome = { __typename: 'MemberExported', export: about, replayed: false };
  later = { ...outcome, replayed: true };
  pages = {
    accounts: { '': page(['{"type":"member"}']) },
    rewards: { '': page(['{"type":"voucher"}']) },
    purchases: { '': page(['{"type":"purchase"}'], second), [second]: page(['{"type":"return"}']) },
    charity: { '': page([]) },
  };
});

/** What a reader has of the file, and whether it was sent to its end. */
async function download(of: GatewayWorld) {
  const headers = { authorization: `Bearer ${await tokenOf(of)}` };
  const response = await fetch(`${of.origin}/export`, { headers });
  const read: Buffer[] = [];
  let broken = false;
  try {
    for await (const chunk of response.body!) read.push(Buffer.from(chunk));
  } catch {
    broken = true;
  }
  return { response, broken, text: Buffer.concat(read).toString('utf8') };
}

const first = {
  ...{ type: 'jifen-export', version: 1, memberId: 'mem_1' },
  requestedAt: '2026-03-01T00:00:00.000Z',
};
const lines = (text: string): Fields[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

test('a file has all pages of all parts, asked for as one export, and ends with how many records it has', async () => {
  const { response, broken, text } = await download(world);

  expect([response.status, broken]).toEqual([200, false]);
  expect(lines(text)).toEqual([
    first,
    ...['member', 'voucher', 'purchase', 'return'].map((type) => ({ type })),
    { type: 'end', records: 4 },
  ]);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});

test.each<[string, number]>([
  ['NOT_FOUND', 404],
  ['INVALID_INPUT', 400],
  ['IDEMPOTENCY_CONFLICT', 400],
])('what accounts refuses (%s) is no file: the reader is told why', async (code, status) => {
  const { __typename, ...more } = {
    NOT_FOUND: { __typename: 'NotFound', what: 'MEMBER', id: 'mem_1' },
    INVALID_INPUT: { __typename: 'InvalidInput', field: 'input.member', expected: 'left out' },
    IDEMPOTENCY_CONFLICT: { __typename: 'IdempotencyConflict' },
  }[code]!;
  outcome = { __typename, code, message: 'This is why.', ...more };

  const { response, text } = await download(world);

  expect(response.status).toBe(status);
  expect(response.headers.get('content-disposition')).toBeNull();
  expect(JSON.parse(text)).toEqual({ error: 'This is why.' });
  expect(logged).toEqual([]);
});

const broke = new Error('mongodb://secret is down');

test.each(
  parts.flatMap((part): [Part, string, Page][] => [
    [part, 'fails', broke],
    [part, 'has no page', null],
  ]),
)(
  'without %s, which %s, there is no file: the reader is told to try again, and the log why',
  async (part, _, instead) => {
    pages[part][''] = instead;

    const { response, text } = await download(world);

    expect(response.status).toBe(503);
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(JSON.parse(text)).toEqual({ error: 'no export can be made now: try again' });
    expect(logged.join()).toContain('an export could not be read');
  },
);

test('without a subgraph there is no file', async () => {
  const own = await startWorld();
  try {
    await own.subgraphs.charity.stop();

    const { response, text } = await download(own);

    expect(response.status).toBe(503);
    expect(JSON.parse(text)).toEqual({ error: 'no export can be made now: try again' });
  } finally {
    await own.stop();
  }
});

test.each<[string, Page]>([
  ['fails', broke],
  ['has no page', null],
])(
  'a file of which a part %s after its first page breaks off without a last line, so that nobody takes it for whole',
  async (_, instead) => {
    pages.purchases[second] = instead;

    const { response, broken, text } = await download(world);

    expect([response.status, broken]).toEqual([200, true]);
    expect(lines(text)).toEqual([first, ...['member', 'voucher', 'purchase'].map((type) => ({ type }))]);
    expect(logged.join()).toContain('an export could not be read');
  },
);

test('a file of whose member nothing is left after its first page breaks off in the same way', async () => {
  later = { __typename: 'NotFound', code: 'NOT_FOUND', message: 'Gone.', what: 'MEMBER', id: 'mem_1' };

  const { response, broken, text } = await download(world);

  expect([response.status, broken]).toEqual([200, true]);
  expect(lines(text).at(-1)).toEqual({ type: 'purchase' });
  expect(logged.map((line) => (JSON.parse(line) as Fields)['msg'])).toEqual(['an export could not be read']);
});

/** Asks for first pages as a storefront does, with the operation that the gateway itself sends. */
const askForPages = async () =>
  world.ask(exportOperation, {
    token: await tokenOf(world),
    variables: {
      input: { idempotencyKey: 'k' },
      ...Object.fromEntries(parts.map((part) => [`more_${part}`, true])),
    },
  });

test("of exportMember a part that fails is null beside the others' pages, and its error says which and nothing of why", async () => {
  pages.charity[''] = broke;

  const { body } = await askForPages();

  expect(body.data.exportMember).toEqual({
    __typename: 'MemberExported',
    export: {
      ...{ memberId: 'mem_1', formatVersion: 1, requestedAt: '2026-03-01T00:00:00.000Z' },
      ...{ accounts: pages.accounts[''], rewards: pages.rewards[''], purchases: pages.purchases[''] },
      charity: null,
    },
  });
  expect(body.errors).toEqual([
    {
      message: expect.stringMatching(/^Unexpected error err_\w+\.$/),
      path: ['exportMember', 'export', 'charity'],
      extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.stringMatching(/^err_/) },
    },
  ]);
});

test("of exportMember nothing is answered when accounts' own part fails: the same key asks for it again", async () => {
  pages.accounts[''] = broke;

  const { body } = await askForPages();

  expect(body.data).toBeNull();
  expect(body.errors).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  expect(JSON.stringify(body)).not.toContain('secret');
  pages.accounts[''] = page([]);
  expect((await askForPages()).body.errors).toBeUndefined();
});

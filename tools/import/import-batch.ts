import { EndpointError, type GraphqlClient } from '../graphql-client.ts';
import { byBytes } from './by-bytes.ts';
import type { ImportFile } from './import-file.ts';
import { importOperations } from './operations.ts';
import type { ImportRow, RefusedRow } from './row.ts';

/** What rows came to. What an earlier run had done is counted as repeated. */
export interface ImportCounts {
  readonly members: number;
  readonly points: number;
  readonly repeated: number;
}

/** What a batch of rows came to. */
export interface BatchResult {
  readonly counts: ImportCounts;
  readonly refused: readonly RefusedRow[];
}

/** Where an import goes. */
export interface ImportTarget {
  readonly client: GraphqlClient;
  readonly token: () => Promise<string>;
  readonly programme: string;
  /** How many members are registered at a time. */
  readonly concurrency: number;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

type Registered =
  | { readonly __typename: 'MemberRegistered'; readonly created: boolean; readonly member: { id: string } }
  | ({ readonly __typename: 'InvalidInput' | 'NotFound' | 'ReferenceTaken' } & Refusal);

interface Posting {
  readonly points: number;
  readonly member: { readonly id: string } | null;
  readonly programme: { readonly code: string };
}

type Issued =
  | { readonly __typename: 'PointsPosted'; readonly replayed: boolean }
  | ({ readonly __typename: 'AlreadyPosted'; readonly posting: Posting } & Refusal)
  | ({ readonly __typename: 'InvalidInput' | 'IdempotencyConflict' | 'NotFound' } & Refusal);

const refuse = ({ line, reference }: ImportRow, { code, message }: Refusal): RefusedRow => ({
  line,
  reference,
  reason: `${code}: ${message}`,
});

async function register({ client, token }: ImportTarget, row: ImportRow): Promise<Registered> {
  const { reference, cardNumber, displayName, locale } = row;
  const input = { reference, cardNumber, displayName, locale };
  const data = await client.send<{ registerMember: Registered }>(
    await token(),
    importOperations.registerMember,
    { input },
  );
  return data.registerMember;
}

/** Registers the members of all rows, so many at a time. */
async function registerAll(target: ImportTarget, rows: readonly ImportRow[]): Promise<Registered[]> {
  const registered: Registered[] = [];
  const queue = [...rows.entries()];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift())
      registered[next[0]] = await register(target, next[1]);
  };
  await Promise.all(Array.from({ length: target.concurrency }, work));
  return registered;
}

/** Bytes of the items of a request: below what the gateway usually takes (LIMIT_BODY_BYTES), with room for the rest of it. */
const mostBytes = 900_000;

const itemOf = (
  { line, reference, points, externalRef, reason }: ImportRow,
  programme: string,
  hash: string,
) => ({
  idempotencyKey: `import:${programme}:${hash}:${line}`,
  member: { reference },
  programme,
  points,
  externalRef,
  reason,
});

async function issue(
  { client, token }: ImportTarget,
  items: readonly ReturnType<typeof itemOf>[],
): Promise<readonly Issued[]> {
  const data = await client.send<{ issuePointsBatch: { results?: readonly Issued[] } & Partial<Refusal> }>(
    await token(),
    importOperations.issuePoints,
    { input: { items } },
  );
  const { results, message } = data.issuePointsBatch;
  if (!results) throw new EndpointError(message ?? 'the batch was refused');
  return results;
}

/** Issues the points of all rows, in one request or, where their texts are long, in several. */
async function issueAll(
  target: ImportTarget,
  file: ImportFile,
  rows: readonly ImportRow[],
): Promise<readonly Issued[]> {
  const items = rows.map((row) => itemOf(row, target.programme, file.hash));
  const issued: Issued[] = [];
  for (const run of byBytes(items, mostBytes)) issued.push(...(await issue(target, run)));
  return issued;
}

/** A reference that was posted before is done if it was the same points to the same member, e.g. from another file. */
const isDone = (row: ImportRow, memberId: string, posting: Posting, programme: string): boolean =>
  posting.points === row.points && posting.member?.id === memberId && posting.programme.code === programme;

interface Owed {
  readonly row: ImportRow;
  readonly memberId: string;
}

/** Which members are there now, which rows are therefore to be issued, and which were refused. */
function readRegistered(rows: readonly ImportRow[], answers: readonly Registered[]) {
  const refused: RefusedRow[] = [];
  const owed: Owed[] = [];
  let [members, repeated] = [0, 0];
  for (const [i, answer] of answers.entries()) {
    const row = rows[i]!;
    if (answer.__typename !== 'MemberRegistered') refused.push(refuse(row, answer));
    else {
      if (answer.created) members++;
      if (row.points > 0) owed.push({ row, memberId: answer.member.id });
      else if (!answer.created) repeated++;
    }
  }
  return { refused, owed, members, repeated };
}

function readIssued(owed: readonly Owed[], answers: readonly Issued[], programme: string) {
  const refused: RefusedRow[] = [];
  let [points, repeated] = [0, 0];
  for (const [i, answer] of answers.entries()) {
    const { row, memberId } = owed[i]!;
    const posted = answer.__typename === 'PointsPosted';
    if (posted && !answer.replayed) points += row.points;
    else if (posted) repeated++;
    else if (answer.__typename === 'AlreadyPosted' && isDone(row, memberId, answer.posting, programme))
      repeated++;
    else refused.push(refuse(row, answer));
  }
  return { refused, points, repeated };
}

/**
 * Carries out a batch of rows: registers the members, then issues the points of those that were. Sent again, in whole or in
 * part, it changes nothing: a reference registers one member, a line of a file and an external reference issue once.
 */
export async function importBatch(
  target: ImportTarget,
  file: ImportFile,
  rows: readonly ImportRow[],
): Promise<BatchResult> {
  const registered = readRegistered(rows, await registerAll(target, rows));
  const { owed, members } = registered;
  const answers = await issueAll(
    target,
    file,
    owed.map(({ row }) => row),
  );
  const issued = readIssued(owed, answers, target.programme);
  return {
    counts: { members, points: issued.points, repeated: registered.repeated + issued.repeated },
    refused: [...registered.refused, ...issued.refused],
  };
}

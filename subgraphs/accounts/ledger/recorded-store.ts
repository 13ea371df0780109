import type { Connection, mongo } from 'mongoose';
import type { Posting } from './posting.ts';
import { fromRow, inSession, type Row } from './rows.ts';

/** A place in the order in which a day is sealed. */
export interface RecordedPlace {
  readonly programme: string;
  readonly recordedAt: Date;
  readonly id: string;
}

type Rows = mongo.Collection<Row<Posting>>;

const order = { programme: 1, recordedAt: 1, _id: 1 } as const;

/** The first posting of each programme to be recorded: one read of the index a programme. */
async function firstOfProgrammes(rows: Rows): Promise<RecordedPlace[]> {
  const found: RecordedPlace[] = [];
  for (let last = ''; ; ) {
    const [row] = await rows
      .find({ programme: { $gt: last } }, inSession())
      .sort(order)
      .limit(1)
      .project({ programme: 1, recordedAt: 1 })
      .toArray();
    if (!row) return found;
    last = row['programme'] as string;
    found.push({ programme: last, recordedAt: row['recordedAt'] as Date, id: String(row['_id']) });
  }
}

async function pageOf(
  rows: Rows,
  programme: string,
  span: { from: Date; to: Date },
  after: RecordedPlace | null,
  limit: number,
): Promise<Posting[]> {
  const recordedAt = { $gte: after?.recordedAt ?? span.from, $lt: span.to };
  const later = after ? { $or: [{ recordedAt: { $gt: after.recordedAt } }, { _id: { $gt: after.id } }] } : {};
  const filter = { programme, recordedAt, ...later } as mongo.Filter<Row<Posting>>;
  const found = await rows.find(filter, inSession()).sort(order).limit(limit).toArray();
  return found.map((row) => fromRow<Posting>(row as Row<Posting>));
}

/** Reads the journal by when postings were recorded, whether or not a ledger is defined on the connection. */
export type RecordedStore = ReturnType<typeof createRecordedStore>;

/** Makes the reader of a connection. */
export function createRecordedStore(connection: Connection) {
  const rows = connection.collection('ledger-postings') as unknown as Rows;
  const readAtOnce = 1_000;
  return {
    /** The first posting of each programme to be recorded. */
    programmes: () => firstOfProgrammes(rows),

    /** When the first posting of all was recorded; null if there is none. */
    async firstRecordedAt(): Promise<Date | null> {
      const firsts = (await firstOfProgrammes(rows)).map(({ recordedAt }) => recordedAt.getTime());
      return firsts.length > 0 ? new Date(Math.min(...firsts)) : null;
    },

    /** What was recorded in a span of time, by programme, then by when it was recorded, then by id; read in pages. */
    async *recorded(from: Date, to: Date): AsyncGenerator<Posting> {
      for (const { programme } of await firstOfProgrammes(rows)) {
        for (let after: RecordedPlace | null = null; ; ) {
          const page: Posting[] = await pageOf(rows, programme, { from, to }, after, readAtOnce);
          yield* page;
          if (page.length < readAtOnce) break;
          after = page.at(-1)!;
        }
      }
    },
  };
}

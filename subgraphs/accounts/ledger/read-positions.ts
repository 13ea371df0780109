import type { Clock } from '../../shared/ids.ts';
import { addTotals, noTotals } from './position.ts';
import type { RollUp } from './position-store.ts';
import type { PositionTotals, Posting } from './posting.ts';
import type { MerchantTotals } from './posting-store.ts';

/** What reading positions needs. */
export interface PositionPorts {
  readonly rollUpOf: (programme: string) => Promise<RollUp | null>;
  readonly rollUpOfMerchant: (programme: string, merchantId: string) => Promise<RollUp | null>;
  readonly replaceRollUp: (next: RollUp, from: Date | null) => Promise<void>;
  readonly totals: (programme: string, from: Date | null, to: Date | null) => Promise<MerchantTotals[]>;
  readonly totalsOf: (
    programme: string,
    merchantId: string,
    from: Date | null,
  ) => Promise<MerchantTotals | null>;
  /** Postings that what has fallen due in a programme will make. */
  readonly duePostings: (programme: string) => Promise<readonly Posting[]>;
  readonly clock: Clock;
}

/** All positions of a programme. */
export interface ProgrammePositions {
  readonly merchants: ReadonlyMap<string, PositionTotals>;
  readonly totals: PositionTotals;
}

/**
 * What was recorded so recently is left out of a roll-up: a batch is written at most half a minute after it was dated,
 * and a transaction lives a minute at most, so nothing can still be added before this.
 */
const settledAfterMs = 120_000;

/** Roll-ups closer together than this are not worth writing. */
const rollUpEveryMs = 60_000;

function addRows(rows: readonly MerchantTotals[]): MerchantTotals[] {
  const sums = new Map<string | null, PositionTotals>();
  for (const row of rows) sums.set(row.merchantId, addTotals(sums.get(row.merchantId) ?? noTotals, row));
  return [...sums].map(([merchantId, totals]) => ({ ...totals, merchantId }));
}

/** What one merchant has issued and honoured: the roll-up and what was recorded since. */
export async function readPosition(
  merchantId: string,
  programme: string,
  ports: PositionPorts,
): Promise<PositionTotals> {
  const rollUp = await ports.rollUpOfMerchant(programme, merchantId);
  const since = await ports.totalsOf(programme, merchantId, rollUp?.through ?? null);
  return addTotals(addTotals(noTotals, rollUp?.rows[0] ?? {}), since ?? {});
}

/** All positions and their totals, with expiries that have fallen due though nobody has written them yet. */
export async function readPositions(programme: string, ports: PositionPorts): Promise<ProgrammePositions> {
  const rollUp = await ports.rollUpOf(programme);
  const [since, due] = await Promise.all([
    ports.totals(programme, rollUp?.through ?? null, null),
    ports.duePostings(programme),
  ]);
  const rows = addRows([...(rollUp?.rows ?? []), ...since]);
  const written = rows.reduce<PositionTotals>(addTotals, noTotals);
  return {
    merchants: new Map(
      rows.flatMap((row) =>
        row.merchantId === null ? [] : [[row.merchantId, addTotals(noTotals, row)] as const],
      ),
    ),
    totals: due.reduce<PositionTotals>((sum, posting) => addTotals(sum, posting.effect), written),
  };
}

/** Moves a programme's roll-up on to what is settled by now. Several processes may do so at once. */
export async function rollUp(programme: string, ports: PositionPorts): Promise<void> {
  const through = new Date(ports.clock.now().getTime() - settledAfterMs);
  const last = await ports.rollUpOf(programme);
  if (last && through.getTime() - last.through.getTime() < rollUpEveryMs) return;
  const since = await ports.totals(programme, last?.through ?? null, through);
  const rows = addRows([...(last?.rows ?? []), ...since]);
  await ports.replaceRollUp({ programme, through, rows }, last?.through ?? null);
}

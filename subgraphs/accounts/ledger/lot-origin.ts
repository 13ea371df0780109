import type DataLoader from 'dataloader';
import type { Context } from '../context.ts';
import { rowLoader } from '../loader.ts';
import type { Ledger } from './ledger.ts';
import type { Lot } from './lot.ts';

type LotsById = Ledger['lotsById'];

/**
 * Which lot of a member's own one of its lots came from: a pool's, in which the points stayed its own. Of points that it was
 * given the lot is the giver's, and not told.
 */
const ownOrigin = (origin: Lot | null | undefined, memberId: string): string | null =>
  origin?.contributorId === memberId ? origin.id : null;

/** Lots as their member may see them. */
export async function withOwnOrigins(
  lots: readonly Lot[],
  memberId: string,
  lotsById: LotsById,
): Promise<Lot[]> {
  const ids = lots.flatMap(({ originLotId }) => (originLotId === null ? [] : [originLotId]));
  const origins = new Map((ids.length > 0 ? await lotsById(ids) : []).map((lot) => [lot.id, lot]));
  return lots.map((lot) => ({
    ...lot,
    originLotId: ownOrigin(origins.get(lot.originLotId ?? ''), memberId),
  }));
}

/** Makes what tells which lot another one came from, as far as a caller may know. */
export function knownOrigins({ lotsById }: Pick<Ledger, 'lotsById'>) {
  const loaders = new WeakMap<Context, DataLoader<string, Lot | null>>();
  return async ({ originLotId }: Pick<Lot, 'originLotId'>, context: Context): Promise<string | null> => {
    if (originLotId === null || context.caller.kind !== 'MEMBER') return originLotId;
    const origins = loaders.get(context) ?? rowLoader(lotsById, ({ id }: Lot) => id);
    loaders.set(context, origins);
    return ownOrigin(await origins.load(originLotId), context.caller.memberId);
  };
}

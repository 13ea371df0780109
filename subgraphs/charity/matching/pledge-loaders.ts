import DataLoader from 'dataloader';
import type { Pledge } from './pledge.ts';

/** What the loaders read from. */
export interface PledgeReads {
  findMany(ids: readonly string[]): Promise<Pledge[]>;
  ofCauses(causeIds: readonly string[]): Promise<Pledge[]>;
  ofMerchants(merchantIds: readonly string[]): Promise<Pledge[]>;
}

const grouped = (read: (ids: readonly string[]) => Promise<Pledge[]>, keyOf: (pledge: Pledge) => string) =>
  new DataLoader<string, Pledge[]>(async (ids) => {
    const groups = new Map<string, Pledge[]>(ids.map((id) => [id, []]));
    for (const pledge of await read(ids)) groups.get(keyOf(pledge))!.push(pledge);
    return ids.map((id) => groups.get(id)!);
  });

/** Loads pledges by id, by cause (oldest first) and by merchant (newest first). */
export const createPledgeLoaders = (pledges: PledgeReads) => ({
  byId: new DataLoader<string, Pledge | null>(async (ids) => {
    const found = new Map((await pledges.findMany(ids)).map((pledge) => [pledge.id, pledge]));
    return ids.map((id) => found.get(id) ?? null);
  }),
  byCause: grouped(pledges.ofCauses, (pledge) => pledge.causeId),
  byMerchant: grouped(pledges.ofMerchants, (pledge) => pledge.merchantId),
});

import DataLoader from 'dataloader';
import type { Cause } from './cause.ts';

/** Loads causes by id, one query for all that a request asks for at once. */
export const createCauseLoader = (causes: { findMany(ids: readonly string[]): Promise<Cause[]> }) =>
  new DataLoader<string, Cause | null>(async (ids) => {
    const found = new Map((await causes.findMany(ids)).map((cause) => [cause.id, cause]));
    return ids.map((id) => found.get(id) ?? null);
  });

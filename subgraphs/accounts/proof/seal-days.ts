import type { Signer } from '../../shared/signing/signer.ts';
import type { Posting } from '../ledger/posting.ts';
import { buildDayTree, type DayChunk, packHashes } from './day-tree.ts';
import { dayAfter, dayOf, noSeal, type Seal, sealableFrom, sealContent, startOfDay, toSeal } from './seal.ts';

/** What sealing needs. */
export interface SealPorts {
  readonly now: () => Date;
  readonly newestSeal: () => Promise<Seal | null>;
  readonly firstRecordedAt: () => Promise<Date | null>;
  /** What was recorded in a span of time, in the order of a day. */
  readonly recorded: (from: Date, to: Date) => AsyncIterable<Posting>;
  readonly saltSecret: () => Promise<Uint8Array>;
  readonly keepLeaves: (root: string, leaves: Buffer) => Promise<void>;
  /** Adds a seal; false if its day has one. */
  readonly insertSeal: (seal: Seal, chunks: readonly DayChunk[]) => Promise<boolean>;
  readonly sign: Signer['sign'];
}

/** Most days that one run seals, so that a process that is told to stop after weeks of rest does so soon. */
const mostDays = 60;

/** The day to be sealed next; null while nothing was ever recorded. */
async function nextDay(newest: Seal | null, ports: SealPorts): Promise<string | null> {
  if (newest) return dayAfter(newest.day);
  const first = await ports.firstRecordedAt();
  return first && dayOf(first);
}

async function sealDay(day: string, previous: string, ports: SealPorts): Promise<void> {
  const postings = ports.recorded(startOfDay(day), startOfDay(dayAfter(day)));
  const tree = await buildDayTree(postings, await ports.saltSecret(), (root, hashes) =>
    ports.keepLeaves(root, packHashes(hashes)),
  );
  const content = sealContent({ day, count: tree.count, root: tree.root, previous });
  await ports.insertSeal(toSeal(content, await ports.sign(content)), tree.chunks);
}

/**
 * Seals every day that is over for long enough, the oldest first, days without postings too: each seal names the one
 * before, so the chain has no gap. Leaves are kept before the seal that needs them, and a seal is added whole or not at
 * all, so it may stop anywhere and any number of processes may try. Says how many days it went through.
 */
export async function sealDays(ports: SealPorts): Promise<number> {
  for (let sealed = 0; sealed < mostDays; sealed++) {
    const newest = await ports.newestSeal();
    const day = await nextDay(newest, ports);
    if (!day || sealableFrom(day) > ports.now()) return sealed;
    await sealDay(day, newest?.hash ?? noSeal, ports);
  }
  return mostDays;
}

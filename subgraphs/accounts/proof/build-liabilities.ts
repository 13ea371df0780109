import type { Signer } from '../../shared/signing/signer.ts';
import type { RecordedPlace } from '../ledger/recorded-store.ts';
import { chunkSize, rootOfChunks } from './chunk.ts';
import {
  type Balance,
  balanceLeaf,
  balanceNode,
  countableFrom,
  endOfPeriod,
  fillerNode,
  type Liabilities,
  leavesFor,
  liabilitiesContent,
  periodAfter,
  periodOf,
  toLiabilities,
} from './liability.ts';
import { rootOf, type SumNode, sumNode } from './merkle.ts';
import { packNodes } from './sum-nodes.ts';

/** A chunk of a period's tree. */
export interface SumChunk {
  /** Root of the chunk, in hex, under which its leaves are kept. */
  readonly root: string;
  readonly points: bigint;
  /** Hash of its first leaf, in hex. */
  readonly start: string;
}

/** A leaf while its tree is built: leaves stand in the order of their hashes, which tells nothing of whose they are. */
export interface LeafRow {
  /** In hex. */
  readonly hash: string;
  readonly points: bigint;
  /** Of the points, those in pools; null of what only fills the tree up, and in trees of before. */
  readonly pooled: bigint | null;
  /** Whose it is; null of what only fills the tree up. */
  readonly walletId: string | null;
  readonly arrears: bigint;
}

/** What building totals needs. */
export interface BuildLiabilitiesPorts {
  readonly now: () => Date;
  readonly newId: (prefix: string) => string;
  /** The first posting of each programme. */
  readonly programmes: () => Promise<readonly RecordedPlace[]>;
  readonly newest: (programme: string) => Promise<Liabilities | null>;
  /** Whether something that fell due before an instant is still to be written. */
  readonly isDueBefore: (at: Date) => Promise<boolean>;
  /** What so many members held at an instant, by the id of their wallet after one. */
  readonly balances: (
    programme: string,
    at: Date,
    after: string,
    limit: number,
  ) => Promise<readonly Balance[]>;
  readonly saltSecret: () => Promise<Uint8Array>;
  readonly keepRows: (build: string, rows: readonly LeafRow[]) => Promise<void>;
  /** So many of a build's rows after a hash, by hash. */
  readonly rows: (build: string, after: string, limit: number) => Promise<readonly LeafRow[]>;
  readonly keepLeaves: (root: string, leaves: Buffer) => Promise<void>;
  /** Adds a total; false if its period has one. */
  readonly insert: (total: Liabilities, build: string, chunks: readonly SumChunk[]) => Promise<boolean>;
  /** Takes away what a build needs no more: all of it, or what only filled its tree up. */
  readonly forget: (build: string, what: 'ALL' | 'FILLERS') => Promise<void>;
  readonly sign: Signer['sign'];
}

type Place = Pick<Liabilities, 'programme' | 'period' | 'at'>;

const emptyRow = { points: 0n, pooled: null, walletId: null, arrears: 0n } as const;
const balancesAtOnce = 200;
const mostPeriods = 12;

async function collect(place: Place, build: string, secret: Uint8Array, ports: BuildLiabilitiesPorts) {
  let [count, arrears, after] = [0, 0n, ''];
  for (;;) {
    const page = await ports.balances(place.programme, place.at, after, balancesAtOnce);
    const rows = page.map((balance) => {
      const { hash, points } = balanceNode(balanceLeaf(balance, place, secret), balance.points);
      return { ...balance, hash: hash.toString('hex'), points };
    });
    await ports.keepRows(build, rows);
    count += page.length;
    arrears += page.reduce((sum, balance) => sum + balance.arrears, 0n);
    if (page.length < balancesAtOnce) break;
    after = page.at(-1)!.walletId;
  }
  const leaves = leavesFor(count);
  for (let from = count; from < leaves; from += balancesAtOnce) {
    const numbers = Array.from({ length: Math.min(balancesAtOnce, leaves - from) }, (_, i) => from + i);
    const fillers = numbers.map((number) => fillerNode(place, number, secret));
    await ports.keepRows(
      build,
      fillers.map(({ hash }) => ({ ...emptyRow, hash: hash.toString('hex') })),
    );
  }
  return { leaves, arrears };
}

async function buildTree(build: string, ports: BuildLiabilitiesPorts) {
  const chunks: SumChunk[] = [];
  for (let after = ''; ; ) {
    const rows = await ports.rows(build, after, chunkSize);
    if (rows.length === 0) break;
    const nodes: SumNode[] = rows.map(({ hash, points }) => ({ hash: Buffer.from(hash, 'hex'), points }));
    const { hash, points } = rootOf(nodes, sumNode);
    const root = hash.toString('hex');
    await ports.keepLeaves(root, packNodes(nodes));
    chunks.push({ root, points, start: rows[0]!.hash });
    after = rows.at(-1)!.hash;
  }
  const nodes = chunks.map(({ root, points }) => ({ hash: Buffer.from(root, 'hex'), points }));
  const { hash, points } = rootOfChunks(nodes, sumNode);
  return { chunks, root: hash.toString('hex'), points };
}

async function buildPeriod(place: Place, ports: BuildLiabilitiesPorts): Promise<void> {
  const build = ports.newId('tree');
  const { leaves, arrears } = await collect(place, build, await ports.saltSecret(), ports);
  const { chunks, root, points } = await buildTree(build, ports);
  const outstanding = points - arrears;
  const content = liabilitiesContent({ ...place, leaves, root, points, arrears, outstanding });
  const total = toLiabilities(content, await ports.sign(content));
  const added = await ports.insert(total, build, chunks);
  await ports.forget(build, added ? 'FILLERS' : 'ALL');
}

/**
 * Makes the totals of every programme and month that are due, the oldest first. What a wallet held at the month's end
 * follows from what it holds now and the postings since, so it may run whenever; anything that fell due before that end
 * has to be written first. Any number of processes may try: each builds rows of its own, and the first total stays. Says
 * how many it went through.
 */
export async function buildLiabilities(ports: BuildLiabilitiesPorts): Promise<number> {
  let built = 0;
  for (const { programme, recordedAt } of await ports.programmes()) {
    const newest = await ports.newest(programme);
    let period = newest ? periodAfter(newest.period) : periodOf(recordedAt);
    for (; countableFrom(period) <= ports.now(); period = periodAfter(period)) {
      const at = endOfPeriod(period);
      if (built === mostPeriods || (await ports.isDueBefore(at))) return built;
      await buildPeriod({ programme, period, at }, ports);
      built++;
    }
  }
  return built;
}

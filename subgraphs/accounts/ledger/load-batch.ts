import { type Case, evidenceKeyIds } from '../case/case.ts';
import { wouldSlide } from './activity.ts';
import { type BatchNeeds, type Need, needsOf, needWallet } from './batch-needs.ts';
import type { AdvanceCommand, Command } from './command.ts';
import type { Hold } from './hold.ts';
import type { Lot } from './lot.ts';
import type { Posting } from './posting.ts';
import type { Roster } from './roster.ts';
import type { MerchantPrices, ProgrammeTerms } from './terms.ts';
import { type KeyRecord, referenceKeyId } from './view.ts';
import { type Coverage, emptyWallet, isDue, memberHolder, type Wallet } from './wallet.ts';
import type { Loaded, LoadedWallet } from './working-view.ts';

/** Of a wallet with more open lots than this only so many are read for a payment; if they do not reach, more; then all. */
const lotsRead = { SPEND: 24, MORE: 512 } as const;

type ByIds<T> = (ids: readonly string[]) => Promise<T[]>;

/** What loading a batch reads. */
export interface LoadPorts {
  readonly wallets: ByIds<Wallet>;
  readonly keys: ByIds<KeyRecord>;
  readonly postings: ByIds<Posting>;
  readonly reversals: ByIds<Posting>;
  readonly holds: ByIds<Hold>;
  readonly openHolds: ByIds<Hold>;
  readonly cases: ByIds<Case>;
  /** Cases of these wallets that end by themselves. */
  readonly liveCases: ByIds<Case>;
  readonly lots: ByIds<Lot>;
  readonly openLots: ByIds<Lot>;
  readonly firstLots: (walletId: string, limit: number) => Promise<Lot[]>;
  readonly programmeAt: (code: string, at: Date) => Promise<ProgrammeTerms | null>;
  readonly priceAt: (merchantId: string, programme: string, at: Date) => Promise<MerchantPrices | null>;
  readonly rosters: (householdIds: readonly string[]) => Promise<readonly Roster[]>;
}

interface Found {
  readonly wallets: Map<string, Wallet>;
  readonly keys: Map<string, KeyRecord>;
  readonly postings: Map<string, Posting>;
  readonly holds: Map<string, Hold>;
  readonly cases: Map<string, Case>;
}

/** Reads what of `wanted` has not been read, if anything. */
async function readInto<T extends { readonly id: string }>(
  found: Map<string, T>,
  wanted: Iterable<string>,
  read: ByIds<T>,
): Promise<void> {
  const ids = [...wanted].filter((id) => !found.has(id));
  if (ids.length === 0) return;
  for (const row of await read(ids)) found.set(row.id, row);
}

/** Adds what the rows read so far point to: results of replays, the wallets of holds and of postings to reverse. */
function follow(needs: BatchNeeds, found: Found): void {
  for (const { id, postingId, holdId, caseId } of found.keys.values()) {
    if (postingId !== null) needs.postings.add(postingId);
    if (postingId !== null && needs.unlocked.has(id)) needs.unlocked.add(postingId);
    if (holdId !== null) needs.holds.add(holdId);
    if (caseId !== undefined) needs.cases.add(caseId);
  }
  for (const hold of found.holds.values()) {
    needWallet(needs, hold.walletId, 'NONE');
    for (const part of hold.parts) needs.lots.add(part.lotId);
    needs.prices.set(`${hold.merchantId}|${hold.programme}`, hold);
  }
  for (const one of found.cases.values()) followCase(needs, one);
  for (const posting of found.postings.values()) followPosting(needs, posting);
}

/** A case needs its whole wallet: what it froze, what else has fallen due, and what a deduction took. */
function followCase(needs: BatchNeeds, one: Case): void {
  needWallet(needs, one.walletId, 'ALL', { ...memberHolder(one.memberId), programme: one.programme });
  for (const key of evidenceKeyIds(one)) needs.keys.add(key);
  if (one.deductPostingId === null) return;
  needs.postings.add(one.deductPostingId);
  needs.reversed.add(one.deductPostingId);
}

function followPosting(needs: BatchNeeds, posting: Posting): void {
  const { walletIds } = posting;
  const reversed = needs.reversed.has(posting.id);
  const need: Need = reversed && posting.kind === 'EARN' ? 'SPEND' : 'NONE';
  needWallet(needs, walletIds[0]!, need);
  if (posting.lotId !== null && needs.unlocked.has(posting.id)) needs.lots.add(posting.lotId);
  if (!reversed) return;
  for (const walletId of walletIds) needWallet(needs, walletId, 'NONE');
  // What was reserved of a pool counts in the month of the hold.
  if (posting.householdId !== undefined && posting.holdId !== null) needs.holds.add(posting.holdId);
  if (posting.lotId !== null) needs.lots.add(posting.lotId);
  for (const { lotId } of posting.allocations) needs.lots.add(lotId);
}

function followReferences(
  needs: BatchNeeds,
  found: Found,
  commands: readonly (Command | AdvanceCommand)[],
): void {
  for (const command of commands) {
    if (command.kind !== 'REVERSE' || typeof command.externalRef !== 'string') continue;
    const merchantId = found.postings.get(command.postingId)?.merchantId;
    if (merchantId) needs.keys.add(referenceKeyId('REVERSE', merchantId, command.externalRef));
  }
}

/** Reads keys, postings, holds and wallets until nothing points to anything unread: one round for most batches. */
async function readRoots(
  needs: BatchNeeds,
  commands: readonly (Command | AdvanceCommand)[],
  ports: LoadPorts,
): Promise<Found> {
  const found: Found = {
    wallets: new Map(),
    keys: new Map(),
    postings: new Map(),
    holds: new Map(),
    cases: new Map(),
  };
  const sizeOf = ({ keys, postings, holds, cases, wallets }: BatchNeeds) =>
    keys.size + postings.size + holds.size + cases.size + wallets.size;
  for (let asked = -1, size = 0; asked !== size; ) {
    asked = sizeOf(needs);
    await Promise.all([
      readInto(found.keys, needs.keys, ports.keys),
      readInto(found.postings, needs.postings, ports.postings),
      readInto(found.holds, needs.holds, ports.holds),
      readInto(found.cases, needs.cases, ports.cases),
      readInto(found.wallets, needs.wallets.keys(), ports.wallets),
    ]);
    followReferences(needs, found, commands);
    follow(needs, found);
    size = sizeOf(needs);
  }
  return found;
}

/** How much of a wallet to read. What is due or owed, or an activity that moves expiries, concerns all its lots. */
function scope(wallet: Wallet, need: Need, now: Date): Need {
  if (need === 'ALL' || wallet.arrears > 0n || isDue(wallet, now) || wouldSlide(wallet, now)) return 'ALL';
  return need !== 'NONE' && wallet.openLots <= lotsRead[need] ? 'ALL' : need;
}

interface LotsRead {
  readonly lots: Lot[];
  readonly holds: Hold[];
  readonly cases: Case[];
  readonly coverage: Map<string, Coverage>;
}

/**
 * Reads lots and open holds of wallets. The wallets were read before: whatever is written to a wallet after that raises
 * its version, so that a batch decided on newer lots than wallets is refused when it is written.
 */
async function readLots(
  wallets: readonly Wallet[],
  needs: BatchNeeds,
  now: Date,
  ports: LoadPorts,
): Promise<LotsRead> {
  const scopes = new Map(wallets.map((w) => [w.id, scope(w, needs.wallets.get(w.id)!, now)] as const));
  const full = wallets.filter((wallet) => scopes.get(wallet.id) === 'ALL' && wallet.openLots > 0);
  const partly = wallets.flatMap(({ id }) => {
    const need = scopes.get(id);
    return need === 'SPEND' || need === 'MORE' ? [{ id, limit: lotsRead[need] }] : [];
  });
  const holding = full.filter((wallet) => wallet.held > 0n);
  const disputed = wallets.filter((wallet) => scopes.get(wallet.id) === 'ALL' && wallet.openCases > 0);
  const read = <T>(ids: readonly string[], by: ByIds<T>) => (ids.length > 0 ? by(ids) : Promise.resolve([]));
  const [named, open, holds, cases, heads] = await Promise.all([
    read([...needs.lots], ports.lots),
    read(
      full.map((wallet) => wallet.id),
      ports.openLots,
    ),
    read(
      holding.map((wallet) => wallet.id),
      ports.openHolds,
    ),
    read(
      disputed.map((wallet) => wallet.id),
      ports.liveCases,
    ),
    Promise.all(partly.map(({ id, limit }) => ports.firstLots(id, limit))),
  ]);
  const coverage = new Map<string, Coverage>(
    wallets.map((wallet) => [wallet.id, scopes.get(wallet.id) === 'ALL' ? 'ALL' : 'NONE']),
  );
  for (const [i, wallet] of partly.entries()) {
    const last = heads[i]!.at(-1);
    if (last) coverage.set(wallet.id, { upTo: last });
  }
  return { lots: [...named, ...open, ...heads.flat()], holds, cases, coverage };
}

/** The wallets needed, empty ones for those that were never written. */
const walletsOf = (needs: BatchNeeds, found: Found): Wallet[] =>
  [...needs.wallets.keys()].flatMap((id) => {
    const wallet = found.wallets.get(id);
    const owner = needs.owners.get(id);
    if (wallet) return [wallet];
    return owner ? [emptyWallet(id, owner, owner.programme)] : [];
  });

/** The households whose pools are concerned. */
const householdsOf = (needs: BatchNeeds, wallets: readonly Wallet[]): string[] => [
  ...new Set([...needs.households, ...wallets.flatMap(({ householdId }) => householdId ?? [])]),
];

/** Reads all that a batch of commands needs, in as few queries as there are kinds of rows. */
export async function loadBatch(
  commands: readonly (Command | AdvanceCommand)[],
  wide: ReadonlyMap<string, Need>,
  now: Date,
  ports: LoadPorts,
): Promise<Loaded> {
  const needs = needsOf(commands, wide);
  const found = await readRoots(needs, commands, ports);
  const wallets = walletsOf(needs, found);
  const priced = [...needs.prices.entries()];
  const codes = [...needs.programmes];
  const held = [...found.holds.keys()];
  const households = householdsOf(needs, wallets);
  const disputed = [...found.cases.keys()];
  const [lots, holds, cases, reversals, terms, prices, rosters] = await Promise.all([
    readLots(wallets, needs, now, ports),
    // Read again: a hold or case may have changed between its first reading and its wallet's.
    held.length > 0 ? ports.holds(held) : [],
    disputed.length > 0 ? ports.cases(disputed) : [],
    needs.reversed.size > 0 ? ports.reversals([...needs.reversed]) : [],
    Promise.all(codes.map((code) => ports.programmeAt(code, now))),
    Promise.all(priced.map(([, price]) => ports.priceAt(price.merchantId, price.programme, now))),
    households.length > 0 ? ports.rosters(households) : [],
  ]);
  return {
    wallets: wallets.map((wallet): LoadedWallet => ({ wallet, coverage: lots.coverage.get(wallet.id)! })),
    lots: lots.lots,
    holds: [...lots.holds, ...holds],
    cases: [...lots.cases, ...cases],
    postings: [...found.postings.values()],
    reversals,
    keys: [...found.keys.values()],
    terms: new Map(codes.map((code, i) => [code, terms[i]!])),
    prices: new Map(priced.map(([key], i) => [key, prices[i]!])),
    rosters: new Map(rosters.map((roster) => [roster.id, roster])),
  };
}

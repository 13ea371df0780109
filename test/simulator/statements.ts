import { createHash } from 'node:crypto';
import type { Act, Play } from './acting.ts';
import { expectSame } from './disagreement.ts';
import type { Fault } from './faults.ts';
import { sweepAfter } from './on-the-way.ts';
import type { Read } from './world.ts';

/** What a member had at the end of a month: available, pending, held and owed, then available and held in pools. */
export type Had = readonly [number, number, number, number, number, number];

/** What members had at the ends of months, by month and member. */
export type Closings = Map<string, Map<string, Had>>;

/** A statement that was issued. */
export interface Issued {
  readonly member: number;
  readonly month: string;
  readonly json: string;
  readonly hash: string;
  readonly signature: string;
}

const lines = ['earned', 'returned', 'spent', 'refunded', 'donated'] as const;
const sums = [
  ...['giftsReceived', 'giftsGiven', 'expired', 'other', 'deducted', 'restituted', 'restored'],
  ...['contributed', 'takenBack'],
] as const;

const query = `query ($month: String!) { viewer { member { statement(month: $month) { status json hash signature
  programmes { opening closing available pending held arrears ${sums.join(' ')} ${lines.map((line) => `${line} { points }`).join(' ')}
    pooled { opening closing available held contributed takenBack expired other spent { points } refunded { points } } } } } } }`;

const monthOf = (time: number): string => new Date(time).toISOString().slice(0, 7);

/** The last instant of the month of an instant. */
function endOfMonth(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) - 1;
}

/** Lets the model go on to each end of a month on the way to an instant, and keeps what members have then. */
export function noteClosings({ model, cast, homes, closings }: Play, time: number): void {
  for (let end = endOfMonth(model.now); end < time; end = endOfMonth(end + 1)) {
    model.passTo(end);
    const had = cast.players.map(({ id }) => {
      const { lots, arrears } = model.wallet(id);
      const sum = (bucket: 'available' | 'pending' | 'held') =>
        lots.reduce((total, lot) => total + lot[bucket], 0);
      const pooled = [...homes.values()].flatMap(({ pool }) =>
        pool.lots.filter(({ contributor }) => contributor === id),
      );
      const inPools = (bucket: 'available' | 'held') => pooled.reduce((total, lot) => total + lot[bucket], 0);
      const own = [sum('available'), sum('pending'), sum('held'), arrears] as const;
      return [id, [...own, inPools('available'), inPools('held')] as Had] as const;
    });
    closings.set(monthOf(end), new Map(had));
  }
}

const own = ([available, pending, held, arrears]: Had): number => available + pending + held - arrears;

const nothing: Had = [0, 0, 0, 0, 0, 0];

const sumOf = (of: Read, lines: readonly string[]): number =>
  lines.flatMap((name) => of[name]).reduce((sum, { points }) => sum + points, 0);

async function ask(play: Play, member: number, month: string, fault: Fault): Promise<Read> {
  const { caller } = play.cast.players[member]!;
  play.world.provoke(fault);
  const first = await play.world.ask('accounts', caller, query, { month });
  await play.world.calm();
  await sweepAfter(play, fault);
  const data = first ?? (await play.world.ask('accounts', caller, query, { month }));
  if (!data) throw new Error(`accounts gives no statement of ${month} but ${play.world.trouble}`);
  return data.viewer.member.statement;
}

function checkSums(play: Play, id: string, month: string, programmes: readonly Read[]): void {
  const before = monthOf(Date.parse(month) - 1);
  const had = play.closings.get(before)?.get(id) ?? nothing;
  const has = play.closings.get(month)!.get(id)!;
  const [one] = programmes;
  const pooled = one?.pooled;
  const ownNow = one ? [one.available, one.pending, one.held, one.arrears] : nothing.slice(2);
  const told = [...ownNow, pooled?.available ?? 0, pooled?.held ?? 0];
  expectSame(`statement of ${month} to ${id}`, told, has);
  expectSame(`opening of ${month} to ${id}`, one?.opening ?? 0, own(had));
  if (!one) return;
  expectSame(`closing of ${month} to ${id}`, one.closing, own(has));
  const moved = sums.reduce((sum, name) => sum + one[name], 0) + sumOf(one, lines);
  expectSame(`movements of ${month} to ${id}`, one.opening + moved, one.closing);
  expectSame(`opening of ${month} to ${id} in pools`, pooled?.opening ?? 0, had[4] + had[5]);
  if (!pooled) return;
  const { contributed, takenBack, expired, other } = pooled;
  const movedThere = contributed + takenBack + expired + other + sumOf(pooled, ['spent', 'refunded']);
  expectSame(`movements of ${month} to ${id} in pools`, pooled.opening + movedThere, pooled.closing);
}

function keep(play: Play, issued: Issued): void {
  const key = `${issued.member} ${issued.month}`;
  expectSame('statement asked for again', issued, play.statements.get(key) ?? issued);
  const hash = createHash('sha256').update(issued.json).digest('hex');
  expectSame('hash of a statement', issued.hash, hash);
  play.statements.set(key, issued);
}

/** The latest month at rest, or one so many before it: nothing is signed in the first two minutes after a month. */
function monthAtRest({ closings, world }: Play, back: number): string | undefined {
  const current = monthOf(world.now - 120_000);
  return [...closings.keys()].filter((month) => month < current).at(-1 - back);
}

async function see(play: Play, member: number, month: string, fault: Fault): Promise<void> {
  const { status, programmes, json, hash, signature } = await ask(play, member, month, fault);
  expectSame('status of a statement', status, 'ISSUED');
  checkSums(play, play.cast.players[member]!.id, month, programmes);
  keep(play, { member, month, json, hash, signature });
}

/** A member asks for the statement of a month that is over. */
export const statement: Act<'statement'> = async (play, { member, back, fault }) => {
  const month = monthAtRest(play, back);
  if (month) await see(play, member, month, fault);
};

/** A member asks as soon as the month is over, before anything that fell due in it may have been written. */
export async function newStatement(play: Play, member: number, noted: number): Promise<void> {
  const month = monthAtRest(play, 0);
  if (month && play.closings.size > noted) await see(play, member, month, { kind: 'NONE' });
}

/** Every statement that was issued is the same, asked for again. */
export async function compareStatements(play: Play): Promise<void> {
  for (const { member, month } of play.statements.values()) {
    const { json, hash, signature } = await ask(play, member, month, { kind: 'NONE' });
    keep(play, { member, month, json, hash, signature });
  }
}

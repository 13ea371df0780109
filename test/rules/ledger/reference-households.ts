import type { ModelLot, ModelPosting, ModelWallet, ReferenceModel } from './reference-model.ts';

/** How much a member may spend of a pool; null for no limit. */
export interface ModelLimits {
  readonly perRedemption: number | null;
  readonly perMonth: number | null;
}

/** A family with its pool, and who belongs to it now. */
export interface ModelHousehold {
  readonly pool: ModelWallet;
  readonly members: Map<string, ModelLimits>;
  /** What each member spent in each month. */
  readonly spent: Map<string, number>;
}

/** Who spends of a pool, and when. */
export interface ModelSpender {
  readonly home: ModelHousehold;
  readonly member: string;
  readonly at: number;
}

type Refused = 'NotInHousehold' | 'HouseholdLimitExceeded' | 'NotEnoughPoints';

interface Part {
  readonly lot: ModelLot;
  readonly points: number;
}

const free = (lots: readonly ModelLot[]): number => lots.reduce((sum, lot) => sum + lot.available, 0);

/** The household that a member belongs to. */
export const homeOf = (model: ReferenceModel, member: string): ModelHousehold | undefined =>
  model.households.find(({ members }) => members.has(member));

/** A member founds a household. */
export function found(model: ReferenceModel, id: string, head: string): ModelHousehold {
  const limits = { perRedemption: null, perMonth: null };
  const home = { pool: model.wallet(id), members: new Map([[head, limits]]), spent: new Map() };
  model.households.push(home);
  return home;
}

const spendingKey = (member: string, at: number): string =>
  `${member} ${new Date(at).toISOString().slice(0, 7)}`;

/** What a member spent in the month of an instant. */
export const spentIn = ({ spent }: ModelHousehold, member: string, at: number): number =>
  spent.get(spendingKey(member, at)) ?? 0;

function count({ home, member, at }: ModelSpender, points: number): void {
  home.spent.set(spendingKey(member, at), spentIn(home, member, at) + points);
}

/** What was reserved or spent of a pool comes back. */
export const uncount = (spender: ModelSpender, points: number): void => count(spender, -points);

/** Copies a lot into another wallet: the same dates, and what was told of it. */
function move(
  model: ReferenceModel,
  { lot, points }: Part,
  to: ModelWallet,
  contributor: string | null,
  at: number = model.now,
): void {
  lot.available -= points;
  const fresh = { made: model.made++, contributor, available: points, held: 0, expired: 0, expiredAt: null };
  to.lots.push({ ...lot, ...fresh, told: [...lot.told] });
  if (lot.slideMonths !== null) to.activeAt ??= at;
}

/** A member puts points into the pool of its household: there they stay the member's. */
export function contribute(
  model: ReferenceModel,
  member: string,
  points: number,
): ModelPosting | 'NotInHousehold' | 'NotEnoughPoints' {
  const home = homeOf(model, member);
  if (!home) return 'NotInHousehold';
  const wallet = model.wallet(member);
  if (model.available(wallet) < points) return 'NotEnoughPoints';
  for (const part of model.take(wallet, points)) {
    part.lot.available += part.points;
    move(model, part, home.pool, member);
  }
  wallet.pooledIn = home.pool;
  return { what: 'final' };
}

/** Gives points of one member's lots in a pool back to it; what it owes is paid first. */
function handBack(model: ReferenceModel, parts: readonly Part[], at: number = model.now): void {
  const own = model.wallet(parts[0]!.lot.contributor!);
  for (const part of parts) move(model, part, own, null, at);
  model.settle(own);
}

const isStray = ({ members }: ModelHousehold, lot: ModelLot): boolean =>
  lot.available > 0 && !members.has(lot.contributor!);

/** Gives back what a pool holds of those who left, and of those who owe as much: of these lots, or of all; as at an instant, which is now unless told. */
export function returnStrays(
  model: ReferenceModel,
  home: ModelHousehold,
  lots: readonly ModelLot[] = home.pool.lots,
  at: number = model.now,
): void {
  const strays = lots.filter((lot) => isStray(home, lot)).toSorted(model.byExpiry);
  for (const contributor of new Set(strays.map((lot) => lot.contributor)))
    handBack(
      model,
      strays.flatMap((lot) => (lot.contributor === contributor ? [{ lot, points: lot.available }] : [])),
      at,
    );
  for (const member of home.members.keys()) returnOwed(model, home, lots, member, at);
}

/** What came back to lots of a member who owes pays that. */
function returnOwed(
  model: ReferenceModel,
  home: ModelHousehold,
  lots: readonly ModelLot[],
  member: string,
  at: number,
): void {
  const own = model.wallet(member);
  const isBack = (lot: ModelLot) => lot.contributor === member && lots.includes(lot);
  const points = Math.min(own.arrears, free(lots.filter(isBack)));
  if (points === 0) return;
  const parts = model.take(home.pool, points, isBack);
  for (const part of parts) part.lot.available += part.points;
  handBack(model, parts, at);
}

/** A member leaves, or all do. */
export function depart(model: ReferenceModel, home: ModelHousehold, ...members: readonly string[]): void {
  for (const member of members) home.members.delete(member);
  returnStrays(model, home);
}

/** Who may spend so many points of a pool now, or why nobody may. */
function spenderFor(model: ReferenceModel, member: string, points: number): ModelSpender | Refused {
  const home = homeOf(model, member);
  if (!home) return 'NotInHousehold';
  const { perRedemption, perMonth } = home.members.get(member)!;
  const spent = spentIn(home, member, model.now);
  if (points > (perRedemption ?? Infinity) || spent + points > (perMonth ?? Infinity))
    return 'HouseholdLimitExceeded';
  return model.available(home.pool) < points ? 'NotEnoughPoints' : { home, member, at: model.now };
}

/** What a member could spend of the pool of its household now. */
export function spendableNow(model: ReferenceModel, member: string): number {
  const home = homeOf(model, member)!;
  const { perRedemption, perMonth } = home.members.get(member)!;
  const left = (perMonth ?? Infinity) - spentIn(home, member, model.now);
  return Math.max(0, Math.min(model.available(home.pool), perRedemption ?? Infinity, left));
}

/** A member pays from the pool of its household. */
export function payPooled(model: ReferenceModel, member: string, points: number): ModelPosting | Refused {
  const spender = spenderFor(model, member, points);
  if (typeof spender === 'string') return spender;
  const wallet = spender.home.pool;
  model.act(wallet);
  count(spender, points);
  model.honoured += points;
  return { what: 'spend', wallet, parts: model.take(wallet, points), spender };
}

/** Points of the pool are reserved for a member: they count as spent. */
export function holdPooled(model: ReferenceModel, member: string, points: number) {
  const spender = spenderFor(model, member, points);
  if (typeof spender === 'string') return spender;
  count(spender, points);
  return model.reserve(spender.home.pool, points, spender);
}

/** A member's own free points in the pool that it last put some into. */
export const freeInPool = ({ pooledIn, member }: ModelWallet): number =>
  free(pooledIn?.lots.filter(({ contributor }) => contributor === member) ?? []);

/**
 * Brings so many of a member's own points back from the pool, for a case, as its wallet lacks besides what it owes. Nothing
 * comes back where the debt would take it all.
 */
export function recall(model: ReferenceModel, wallet: ModelWallet, disputed: number): void {
  const available = model.available(wallet);
  const points = Math.min(disputed + wallet.arrears - available, freeInPool(wallet));
  if (available >= disputed || points === 0 || available + points <= wallet.arrears) return;
  const parts = model.take(wallet.pooledIn!, points, ({ contributor }) => contributor === wallet.member);
  for (const part of parts) part.lot.available += part.points;
  handBack(model, parts);
}

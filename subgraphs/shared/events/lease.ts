import { slotCount } from './event.ts';

/** Who may deliver the events of a slot, and until when. */
export interface SlotLease {
  readonly slot: number;
  readonly owner: string;
  readonly until: Date;
}

/** Who is there, and until when unless heard of again. */
export interface OwnerLease {
  readonly owner: string;
  readonly until: Date;
}

/** What an owner has of the slots, and what it should do about it. */
export interface LeasePlan {
  /** Slots that it has. */
  readonly mine: readonly number[];
  /** Of these, slots beyond its fair share, to be given back for others to take. */
  readonly surplus: readonly number[];
  /** Slots that nobody has and that its fair share has room for. */
  readonly wanted: readonly number[];
}

/** Plans for a fair share: the slots divided by the owners that are there, rounded up. */
export function planLeases(
  owner: string,
  slots: readonly SlotLease[],
  owners: readonly OwnerLease[],
  now: Date,
): LeasePlan {
  const held = slots.filter((lease) => lease.until > now);
  const there = new Set(owners.filter((lease) => lease.until > now).map((lease) => lease.owner));
  const share = Math.ceil(slotCount / there.add(owner).size);
  const mine = held
    .filter((lease) => lease.owner === owner)
    .map((lease) => lease.slot)
    .sort((a, b) => a - b);
  const taken = new Set(held.map((lease) => lease.slot));
  const free = Array.from({ length: slotCount }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return {
    mine,
    surplus: mine.slice(share),
    wanted: free.slice(0, Math.max(0, share - mine.length)),
  };
}

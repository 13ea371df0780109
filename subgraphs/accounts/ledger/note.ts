/** Goods that a pledge set aside for a donation, in a whole number of a unit. */
export interface NotedGoods {
  readonly goods: string;
  readonly unit: string;
  /** In decimal digits. */
  readonly quantity: string;
}

/** What a posting was for, in the words of the service that posted it: for statements, and nothing is decided by it. */
export interface Note {
  /** Of the reward or the cause; null for a purchase. */
  readonly name: string | null;
  /** Of the reward, of the cause, or of the lines of the purchase. */
  readonly categories: readonly string[];
  readonly goods: readonly NotedGoods[];
}

/** A note as a service sends it. */
export interface NoteInput {
  readonly name?: string | null | undefined;
  readonly categories?: readonly string[] | null | undefined;
  readonly goods?: readonly NotedGoods[] | null | undefined;
}

const mostText = 200;
const mostListed = 20;

const cut = (text: string): string => Array.from(text).slice(0, mostText).join('');

/** A note as it is kept. What is too long is cut: points never fail to move for what is said of them. */
export function noteOf(input: NoteInput | null | undefined): Note | null {
  if (!input) return null;
  const categories = [...new Set((input.categories ?? []).map(cut))].slice(0, mostListed);
  const goods = (input.goods ?? [])
    .filter(({ quantity }) => /^\d{1,30}$/.test(quantity))
    .slice(0, mostListed)
    .map(({ goods, unit, quantity }) => ({ goods: cut(goods), unit: cut(unit), quantity }));
  const name = typeof input.name === 'string' ? cut(input.name) : null;
  return { name, categories, goods };
}

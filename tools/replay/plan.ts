import type { RetailInvoice, RetailLine } from './retail-file.ts';

/** A line of a purchase, as the till sends it. */
export interface PlannedLine {
  readonly id: string;
  readonly sku: string;
  readonly description: string;
  readonly quantity: number;
  readonly amountMinor: number;
}

/** A purchase to record, and what the member does after it. */
export interface PlannedPurchase {
  readonly kind: 'purchase';
  readonly invoice: string;
  readonly country: string;
  readonly customer: string;
  readonly at: Date;
  readonly lines: readonly PlannedLine[];
  /** Redeem a reward at this other country's merchant, or give points to the cause. */
  readonly afterwards:
    | { readonly kind: 'redeem'; readonly country: string }
    | { readonly kind: 'donate' }
    | null;
}

/** A return of lines of one earlier purchase. */
export interface PlannedReturn {
  readonly kind: 'return';
  readonly invoice: string;
  readonly country: string;
  readonly customer: string;
  readonly purchase: string;
  readonly lines: readonly { readonly id: string; readonly quantity: number }[];
}

/** What to send, in order; only the order within one customer matters. */
export type PlannedAction = PlannedPurchase | PlannedReturn;

/** The plan and what of the file is not in it. */
export interface Plan {
  readonly actions: readonly PlannedAction[];
  readonly countries: readonly string[];
  readonly anonymousInvoices: number;
  readonly anonymousLines: number;
  /** Stock and price corrections: neither bought nor brought back. */
  readonly adjustmentLines: number;
  readonly returnedLines: number;
  /** Lines of cancellations of which nothing, or not everything, was bought before. */
  readonly unmatchedLines: number;
  readonly unmatchedUnits: number;
}

/** Every how many purchases a member spends. */
const redeemEvery = 20;
const donateEvery = 33;

interface Bought {
  readonly invoice: string;
  readonly lineId: string;
  left: number;
}

const isCancellation = (invoice: RetailInvoice): boolean => invoice.number.startsWith('C');
const isSale = (line: RetailLine): boolean => line.quantity > 0 && line.unitPriceSign >= 0;
const isReturn = (line: RetailLine): boolean => line.quantity < 0 && line.unitPriceSign >= 0;
const shelf = (invoice: RetailInvoice, line: RetailLine): string =>
  `${invoice.country}|${invoice.customer}|${line.stockCode}`;

/** Takes a returned quantity from the customer's earlier purchases of the product, the latest first. */
function match(
  bought: Bought[],
  quantity: number,
): { taken: { invoice: string; id: string; quantity: number }[]; left: number } {
  const taken: { invoice: string; id: string; quantity: number }[] = [];
  let left = quantity;
  for (let i = bought.length - 1; i >= 0 && left > 0; i--) {
    const from = bought[i]!;
    const part = Math.min(left, from.left);
    if (part === 0) continue;
    from.left -= part;
    left -= part;
    taken.push({ invoice: from.invoice, id: from.lineId, quantity: part });
  }
  return { taken, left };
}

/** Groups what was matched into one return for each purchase. */
function returnsOf(
  invoice: RetailInvoice,
  taken: readonly { invoice: string; id: string; quantity: number }[],
): PlannedReturn[] {
  const byPurchase = new Map<string, Map<string, number>>();
  for (const { invoice: purchase, id, quantity } of taken) {
    const lines = byPurchase.get(purchase) ?? new Map<string, number>();
    lines.set(id, (lines.get(id) ?? 0) + quantity);
    byPurchase.set(purchase, lines);
  }
  return [...byPurchase].map(([purchase, lines]) => ({
    kind: 'return',
    invoice: invoice.number,
    country: invoice.country,
    customer: invoice.customer!,
    purchase,
    lines: [...lines].map(([id, quantity]) => ({ id, quantity })),
  }));
}

function purchaseOf(
  invoice: RetailInvoice,
  sales: readonly RetailLine[],
  afterwards: PlannedPurchase['afterwards'],
): PlannedPurchase {
  const lines = sales.map((line, i) => ({
    id: String(i + 1),
    sku: line.stockCode,
    description: line.description,
    quantity: line.quantity,
    amountMinor: line.amountMinor,
  }));
  return {
    kind: 'purchase',
    invoice: invoice.number,
    country: invoice.country,
    customer: invoice.customer!,
    at: invoice.at,
    lines,
    afterwards,
  };
}

function sideAct(
  ordinal: number,
  country: string,
  countries: readonly string[],
): PlannedPurchase['afterwards'] {
  if (ordinal % redeemEvery === 0 && countries.length > 1) {
    const step = 1 + ((ordinal / redeemEvery) % (countries.length - 1));
    return { kind: 'redeem', country: countries[(countries.indexOf(country) + step) % countries.length]! };
  }
  return ordinal % donateEvery === 0 ? { kind: 'donate' } : null;
}

/** Plans the replay of invoices: purchases, returns matched to them, and now and then a member who spends. Pure. */
export function planReplay(invoices: readonly RetailInvoice[]): Plan {
  const countries = [...new Set(invoices.filter((i) => i.customer).map((i) => i.country))].sort();
  const shelves = new Map<string, Bought[]>();
  const actions: PlannedAction[] = [];
  const counts = {
    anonymousInvoices: 0,
    anonymousLines: 0,
    adjustmentLines: 0,
    returnedLines: 0,
    unmatchedLines: 0,
    unmatchedUnits: 0,
  };
  let purchases = 0;
  for (const invoice of invoices) {
    if (invoice.customer === null) {
      counts.anonymousInvoices++;
      counts.anonymousLines += invoice.lines.length;
      continue;
    }
    const wanted = invoice.lines.filter(isCancellation(invoice) ? isReturn : isSale);
    counts.adjustmentLines += invoice.lines.length - wanted.length;
    if (wanted.length === 0) continue;
    if (isCancellation(invoice)) {
      actions.push(...planCancellation(invoice, wanted, shelves, counts));
      continue;
    }
    const purchase = purchaseOf(invoice, wanted, sideAct(++purchases, invoice.country, countries));
    wanted.forEach((line, i) => {
      const key = shelf(invoice, line);
      shelves.set(key, [
        ...(shelves.get(key) ?? []),
        { invoice: invoice.number, lineId: purchase.lines[i]!.id, left: line.quantity },
      ]);
    });
    actions.push(purchase);
  }
  return { actions, countries, ...counts };
}

function planCancellation(
  invoice: RetailInvoice,
  lines: readonly RetailLine[],
  shelves: Map<string, Bought[]>,
  counts: { returnedLines: number; unmatchedLines: number; unmatchedUnits: number },
): PlannedReturn[] {
  const all = lines.flatMap((line) => {
    const { taken, left } = match(shelves.get(shelf(invoice, line)) ?? [], -line.quantity);
    if (left > 0) {
      counts.unmatchedLines++;
      counts.unmatchedUnits += left;
    }
    if (taken.length > 0) counts.returnedLines++;
    return taken;
  });
  return returnsOf(invoice, all);
}

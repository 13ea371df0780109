// npm run replay:sample -- [INVOICES] > sample.csv: a made-up file in the online-retail format, the same every time.
// For trying the replay without fetching the real data set. Nothing in it is anybody's purchase.
import { once } from 'node:events';

const countries = ['France', 'Germany', 'Japan', 'Norway', 'Spain', 'United Kingdom'];
const products = [
  'CAT WAND',
  'DOG BOWL',
  'TEA CUP',
  'NOTEBOOK',
  'SCARF',
  'LANTERN',
  'CUSHION',
  'PUZZLE',
  'CANDLE',
  'BASKET',
];

/** A small reproducible generator of numbers from 0 up to, not including, `below`. */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Sold {
  readonly customer: number;
  readonly country: string;
  readonly product: number;
  readonly quantity: number;
  readonly price: string;
}

const pad = (value: number): string => String(value).padStart(2, '0');
const row = (invoice: string, sold: Sold, quantity: number, minute: number, customer: string): string => {
  const at = `2010-12-${pad(1 + Math.floor(minute / 600))} ${pad(8 + Math.floor((minute % 600) / 60))}:${pad(minute % 60)}:00`;
  return [
    invoice,
    `S${100 + sold.product}`,
    products[sold.product],
    quantity,
    at,
    sold.price,
    customer,
    sold.country,
  ].join();
};

/** The lines of a made-up file with so many invoices: about one in ten a return, one in eight anonymous. */
export function* sampleLines(invoices: number): Generator<string> {
  yield 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
  const next = numbers(20_101_201);
  const sold: Sold[] = [];
  for (let i = 0; i < invoices; i++) {
    const back = i > 20 && next(10) === 0 ? sold[next(sold.length)] : undefined;
    if (back) {
      yield row(`C${700_000 + i}`, back, -(1 + next(back.quantity + 1)), i, `${back.customer}.0`);
      continue;
    }
    const customer = 12_000 + next(Math.max(3, Math.floor(invoices / 6)));
    const anonymous = next(8) === 0;
    for (let line = 1 + next(6); line > 0; line--) {
      const price = `${next(60)}.${pad(next(100))}`;
      const made = {
        customer,
        country: countries[customer % countries.length]!,
        product: next(products.length),
        quantity: 1 + next(12),
        price,
      };
      if (!anonymous) sold.push(made);
      yield row(String(700_000 + i), made, made.quantity, i, anonymous ? '' : `${customer}.0`);
    }
  }
}

async function main(invoices: number): Promise<void> {
  for (const line of sampleLines(invoices))
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
}

if (process.argv[1] === import.meta.filename) void main(Number(process.argv[2] ?? 300));

import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenCaller } from '../token/claims.ts';

/** What of a demo store the examples name. */
export interface DemoFacts {
  readonly rewardId: string;
  readonly causeId: string;
  /** The demo merchant's own reference of the demo member. */
  readonly memberReference: string;
  /** Receipt number of a purchase that can be returned. */
  readonly purchaseRef: string;
  /** Code of a voucher that the demo merchant takes. */
  readonly voucherCode: string;
}

/** A tab that GraphiQL opens with. */
export interface Example {
  /** Name of the operation, which is the tab's title. */
  readonly operation: string;
  /** Whose token it is for. */
  readonly kind: TokenCaller['kind'];
  readonly query: string;
  /** JSON. */
  readonly variables: string;
}

interface Template {
  readonly file: string;
  readonly kind: TokenCaller['kind'];
  readonly variables: (demo: DemoFacts, once: string) => object;
}

/** Stands where an example needs something of a store that has no demo data. */
const blanks: DemoFacts = {
  rewardId: '<id of a reward>',
  causeId: '<id of a cause>',
  memberReference: '<your reference of a member>',
  purchaseRef: '<receipt number of a purchase>',
  voucherCode: '<voucher code>',
};

const templates: readonly Template[] = [
  { file: 'storefront/home', kind: 'MEMBER', variables: () => ({}) },
  { file: 'storefront/wallet', kind: 'MEMBER', variables: () => ({ first: 10 }) },
  {
    file: 'till/purchase',
    kind: 'MERCHANT',
    variables: (demo, once) => ({
      input: {
        idempotencyKey: `till-${once}`,
        externalRef: `TILL-${once}`,
        member: { reference: demo.memberReference },
        currency: 'CNY',
        lines: [
          { sku: 'CAT-WAND', description: 'Cat wand', category: 'pet', quantity: 1, amountMinor: 3900 },
          { sku: 'BOWL', description: 'Bowl', category: 'home', quantity: 2, amountMinor: 4600 },
        ],
      },
    }),
  },
  {
    file: 'storefront/redeem',
    kind: 'MEMBER',
    variables: (demo, once) => ({ input: { idempotencyKey: `redeem-${once}`, rewardId: demo.rewardId } }),
  },
  {
    file: 'storefront/donate',
    kind: 'MEMBER',
    variables: (demo, once) => ({
      input: { idempotencyKey: `donate-${once}`, causeId: demo.causeId, points: 100 },
    }),
  },
  {
    file: 'till/return',
    kind: 'MERCHANT',
    variables: (demo, once) => ({
      input: {
        idempotencyKey: `return-${once}`,
        externalRef: `RETURN-${once}`,
        purchaseExternalRef: demo.purchaseRef,
        lines: [{ id: '1', quantity: 1 }],
      },
    }),
  },
  {
    file: 'till/voucher',
    kind: 'MERCHANT',
    variables: (demo, once) => ({
      input: { idempotencyKey: `voucher-${once}`, code: demo.voucherCode, externalRef: `TILL-V-${once}` },
    }),
  },
  { file: 'operator/positions', kind: 'OPERATOR', variables: () => ({ programme: 'SHARED' }) },
  { file: 'auditor/postings', kind: 'AUDITOR', variables: () => ({ first: 10 }) },
];

const read = (file: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', 'schema', 'operations', `${file}.graphql`), 'utf8');

const nameOf = (query: string): string => /^(?:query|mutation)\s+(\w+)/m.exec(query)?.[1] ?? '';

/** What GraphiQL opens with. `store` changes when the examples name other things, so that kept tabs do not mislead. */
export interface Examples {
  readonly store: string;
  readonly examples: readonly Example[];
}

/** The example tabs, from the operations that storefronts, tills and dashboards really send; fresh keys each time. */
export function readExamples(demo: DemoFacts | null): Examples {
  const once = randomBytes(4).toString('hex');
  const examples = templates.map(({ file, kind, variables }) => {
    const query = read(file);
    const filled = JSON.stringify(variables(demo ?? blanks, once), null, 2);
    return { operation: nameOf(query), kind, query, variables: filled === '{}' ? '' : filled };
  });
  const named = JSON.stringify([demo, examples.map(({ query }) => query)]);
  return { store: createHash('sha256').update(named).digest('hex').slice(0, 12), examples };
}

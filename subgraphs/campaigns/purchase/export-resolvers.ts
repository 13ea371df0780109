import type { Page } from '../../shared/connection.ts';
import { type ExportPart, readExport, timedPart, wholePart } from '../../shared/export.ts';
import type { RulePoints } from '../earning/member-cap-store.ts';
import type { Resolvers } from '../resolver-types.ts';
import type { Purchase } from './purchase.ts';
import type { ReturnRecord } from './return-store.ts';

/** What the export of a member reads. */
export interface ExportPorts {
  readonly purchases: { ofMember(memberId: string, merchantId: null, page: Page): Promise<Purchase[]> };
  readonly returns: { ofMember(memberId: string, page: Page): Promise<ReturnRecord[]> };
  readonly caps: { ofMember(memberId: string): Promise<RulePoints[]> };
}

function purchaseRecord(row: Purchase) {
  const { memberId: _, revision: __, ...purchase } = row;
  return { type: 'purchase', ...purchase };
}

function returnRecord(row: ReturnRecord) {
  const { memberId: _, caps: __, ...record } = row;
  return { type: 'return', ...record };
}

const parts = (memberId: string, { purchases, returns, caps }: ExportPorts): ExportPart[] => [
  timedPart(
    'purchases',
    (page) => purchases.ofMember(memberId, null, page),
    purchaseRecord,
    ({ at }) => at,
  ),
  timedPart(
    'returns',
    (page) => returns.ofMember(memberId, page),
    returnRecord,
    ({ at }) => at,
  ),
  wholePart('caps', async () =>
    (await caps.ofMember(memberId)).map((counted) => ({ type: 'counted-points', ...counted })),
  ),
];

/** Resolves campaigns' part of a member's export. */
export const exportResolvers = (ports: ExportPorts) =>
  ({
    MemberExport: {
      __resolveReference: ({ memberId }) => ({ memberId }),
      purchases: ({ memberId }, args) => readExport(parts(memberId, ports), args),
    },
  }) satisfies Resolvers;

import { badUserInput } from '../../shared/errors.ts';
import type { Resolvers } from '../resolver-types.ts';
import type { Ledger } from './ledger.ts';
import { noTotals } from './position.ts';
import { viewPosition, viewPositions } from './views.ts';

/** Resolvers of merchants' positions. */
export const positionResolvers = (ledger: Ledger) =>
  ({
    Query: {
      positions: async (_, args, { directory }) => {
        const code = args.programme ?? 'SHARED';
        const programme = await directory.programme(code);
        if (!programme) throw badUserInput('programme: there is no such programme');
        const { currency } = programme.cashEquivalentPerThousand;
        const [merchants, { merchants: totals, totals: all }] = await Promise.all([
          directory.merchants(),
          ledger.positions(code),
        ]);
        const views = merchants.map(({ id: merchantId }) =>
          viewPosition(totals.get(merchantId) ?? noTotals, { merchantId, programmeCode: code, currency }),
        );
        return viewPositions(all, views, code, currency);
      },
    },
    Merchant: {
      position: async ({ id: merchantId }, args, { directory }) => {
        const programme = await directory.programme(args.programme ?? 'SHARED');
        if (!programme) return null;
        const { code: programmeCode, cashEquivalentPerThousand } = programme;
        const { currency } = cashEquivalentPerThousand;
        const totals = await ledger.position(merchantId, programmeCode);
        return viewPosition(totals, { merchantId, programmeCode, currency });
      },
    },
    MerchantPosition: {
      merchant: async ({ merchantId }, _, { directory }) => (await directory.merchant(merchantId))!,
      programme: async ({ programmeCode }, _, { directory }) => (await directory.programme(programmeCode))!,
    },
    Positions: {
      programme: async ({ programmeCode }, _, { directory }) => (await directory.programme(programmeCode))!,
    },
  }) satisfies Resolvers;

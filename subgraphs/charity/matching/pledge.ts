import type { InvalidInput } from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import { checkLine, checkRange, firstFault } from '../input-rules.ts';

/** What a merchant promises. Never changes afterwards. */
export interface PledgeTerms {
  readonly causeId: string;
  /** E.g. `pet food`. */
  readonly goods: string;
  /** What quantities are counted in, e.g. `g`. */
  readonly unit: string;
  /** So many points are matched by `quantityPerStep`. */
  readonly pointsPerStep: bigint;
  readonly quantityPerStep: number;
  /** The most that will be given, in the unit. */
  readonly limitQuantity: number;
  /** Where the signed agreement is kept (Charity Law Art. 37). */
  readonly agreementRef: string;
}

/** A merchant's promise of goods in proportion to points donated. */
export interface Pledge extends PledgeTerms {
  readonly id: string;
  readonly merchantId: string;
  readonly pledgedAt: Date;
  /** Not yet reserved by any donation. */
  readonly remainingQuantity: number;
  /** Reserved by donations that are confirmed. */
  readonly confirmedQuantity: number;
}

/** Goods that one pledge gives for one donation, with the facts that never change. */
export interface Match {
  readonly pledgeId: string;
  readonly goods: string;
  readonly unit: string;
  readonly quantity: number;
}

/** Goods in a unit, summed. */
export interface MatchedGoods {
  readonly goods: string;
  readonly unit: string;
  readonly quantity: bigint;
}

/** The largest Int of GraphQL: the most that one pledge can promise. */
const mostQuantity = 2_147_483_647;
const mostPoints = 100_000_000;

/** The first rule that a pledge breaks, or null. */
export const checkPledge = (input: PledgeTerms & { readonly idempotencyKey: string }): InvalidInput | null =>
  firstFault(
    checkKey(input.idempotencyKey),
    checkLine('goods', input.goods, 80),
    checkLine('unit', input.unit, 20),
    checkRange('pointsPerStep', input.pointsPerStep, 1, mostPoints),
    checkRange('quantityPerStep', input.quantityPerStep, 1, mostQuantity),
    checkRange('limitQuantity', input.limitQuantity, 1, mostQuantity),
    checkLine('agreementRef', input.agreementRef, 200),
  );

/** A pledge as it is when made: nothing reserved yet. Texts lose the space around them. */
export const newPledge = (id: string, merchantId: string, terms: PledgeTerms, pledgedAt: Date): Pledge => ({
  id,
  merchantId,
  causeId: terms.causeId,
  goods: terms.goods.trim(),
  unit: terms.unit.trim(),
  pointsPerStep: terms.pointsPerStep,
  quantityPerStep: terms.quantityPerStep,
  limitQuantity: terms.limitQuantity,
  agreementRef: terms.agreementRef.trim(),
  pledgedAt,
  remainingQuantity: terms.limitQuantity,
  confirmedQuantity: 0,
});

/** Adds up goods of one name and unit, in the order in which each first appears; what is zero is left out. */
export function sumGoods(
  parts: readonly { readonly goods: string; readonly unit: string; readonly quantity: number }[],
): MatchedGoods[] {
  const sums = new Map<string, MatchedGoods>();
  for (const { goods, unit, quantity } of parts) {
    const key = JSON.stringify([goods, unit]);
    sums.set(key, { goods, unit, quantity: (sums.get(key)?.quantity ?? 0n) + BigInt(quantity) });
  }
  return [...sums.values()].filter((sum) => sum.quantity > 0n);
}

/** The goods that confirmed donations have reserved of a cause's pledges. */
export const confirmedGoods = (pledges: readonly Pledge[]): MatchedGoods[] =>
  sumGoods(pledges.map(({ goods, unit, confirmedQuantity: quantity }) => ({ goods, unit, quantity })));

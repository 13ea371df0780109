import { type InvalidInput, invalidInput, notFound } from '../../shared/refusal.ts';
import type { AccountsPort } from '../accounts-port.ts';
import type { MemberCapStore, RulePoints } from '../earning/member-cap-store.ts';
import type { IssuerNotEligible, NotFound } from '../refusals.ts';
import type { Purchase } from './purchase.ts';
import type { PurchaseStore } from './purchase-store.ts';

/** Runs work in one transaction. */
export type Transaction = <T>(work: () => Promise<T>) => Promise<T>;

/** What moving a purchase on needs. */
export interface AdvancePurchasePorts {
  readonly purchases: Pick<PurchaseStore, 'byId' | 'settle' | 'withdraw'>;
  readonly caps: Pick<MemberCapStore, 'add'>;
  readonly accounts: Pick<AccountsPort, 'postEarn'>;
  readonly transaction: Transaction;
}

/** The purchase is recorded, or the ledger turned it down and nothing of it is left. */
export type Advanced<T> =
  | { readonly kind: 'ADVANCED'; readonly record: T }
  | InvalidInput
  | NotFound
  | IssuerNotEligible;

type Refused = Extract<Awaited<ReturnType<AccountsPort['postEarn']>>, { kind: 'REFUSED' }>;

/** What the ledger's refusal means to the till. */
export function toRefusal(
  refused: Refused,
  memberId: string,
  programme: string,
): InvalidInput | NotFound | IssuerNotEligible {
  if (refused.what === 'MEMBER') return notFound('MEMBER', memberId);
  if (refused.what === 'PROGRAMME') return notFound('PROGRAMME', programme);
  if (refused.code === 'ALREADY_POSTED')
    return invalidInput(
      'input.externalRef',
      'a reference under which the merchant has not posted points directly',
    );
  if (refused.code === 'ISSUER_NOT_ELIGIBLE')
    return {
      kind: 'ISSUER_NOT_ELIGIBLE',
      message: refused.message,
      programme,
      eligibleIssuerIds: refused.eligibleIssuerIds,
    };
  return invalidInput('input', `what the ledger accepts (${refused.code}: ${refused.message})`);
}

/** What a purchase gave by rules with a cap per member. */
export const cappedGrants = (purchase: Purchase): RulePoints[] =>
  purchase.outcomes
    .filter(({ shares }) => shares.length > 0)
    .map(({ campaignId, ruleCode, granted }) => ({ campaignId, ruleCode, points: granted }));

async function withdraw(ports: AdvancePurchasePorts, purchase: Purchase): Promise<void> {
  await ports.transaction(async () => {
    if (!(await ports.purchases.withdraw(purchase.id))) return;
    const back = cappedGrants(purchase).map((one) => ({ ...one, points: -one.points }));
    await ports.caps.add(purchase.memberId, back);
  });
}

/** What was bought, for the member's statement. */
const categoriesOf = ({ lines }: Purchase): string[] => [
  ...new Set(lines.flatMap(({ category }) => (category === null ? [] : [category]))),
];

const earnOrder = (purchase: Purchase) => ({
  idempotencyKey: `purchase:${purchase.id}:earn`,
  memberId: purchase.memberId,
  merchantId: purchase.merchantId,
  programme: purchase.programme,
  points: purchase.points,
  lines: purchase.lines.filter(({ points }) => points > 0n).map(({ id, points }) => ({ id, points })),
  externalRef: purchase.externalRef,
  campaignId: purchase.campaignId,
  ruleVersion: purchase.ruleVersion,
  note: { categories: categoriesOf(purchase) },
});

/**
 * Moves a purchase on from wherever it stands: posts what it earned and says so. Many may do it at once or again: the
 * ledger knows the posting by a key made from the purchase's id. Throws ServiceUnavailable, and the purchase stays
 * pending, when the ledger's answer is not known. A refusal of the ledger is final, so the purchase is withdrawn; should
 * its reference be sent again while somebody else had got it posted, the ledger knows the reference and says so.
 */
export async function advancePurchase(
  ports: AdvancePurchasePorts,
  purchase: Purchase,
): Promise<Advanced<Purchase>> {
  if (purchase.state === 'RECORDED') return { kind: 'ADVANCED', record: purchase };
  const posted = await ports.accounts.postEarn(earnOrder(purchase));
  if (posted.kind === 'REFUSED') {
    await withdraw(ports, purchase);
    return toRefusal(posted, purchase.memberId, purchase.programme);
  }
  // Another may have settled it meanwhile: with the same posting, for the ledger knows it by the purchase's key.
  const settled =
    (await ports.purchases.settle(purchase.id, posted.postingId)) ??
    (await ports.purchases.byId(purchase.id));
  if (!settled)
    throw new Error(`purchase ${purchase.id} was withdrawn although posting ${posted.postingId} is there`);
  return { kind: 'ADVANCED', record: { ...purchase, state: 'RECORDED', postingId: posted.postingId } };
}

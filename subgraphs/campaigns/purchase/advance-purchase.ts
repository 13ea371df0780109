import type { Attempt } from '../../shared/attempt.ts';
import { type InvalidInput, invalidInput, notFound } from '../../shared/refusal.ts';
import type { AccountsPort } from '../accounts-port.ts';
import type { MemberCapStore, RulePoints } from '../earning/member-cap-store.ts';
import type { IssuerNotEligible, NotFound } from '../refusals.ts';
import { type AttemptPorts, type AttemptStore, askLedger, beginAttempt, undoRefused } from './attempts.ts';
import type { Purchase } from './purchase.ts';
import type { PurchaseStore } from './purchase-store.ts';

/** What moving a purchase on needs. */
export interface AdvancePurchasePorts extends AttemptPorts {
  readonly purchases: Pick<PurchaseStore, 'settle' | 'withdraw'> & AttemptStore<Purchase>;
  readonly caps: Pick<MemberCapStore, 'add'>;
  readonly accounts: Pick<AccountsPort, 'postEarn'>;
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

/** Undoes what keeping the purchase did. Runs inside a transaction. */
async function withdraw(ports: AdvancePurchasePorts, purchase: Purchase): Promise<void> {
  if (!(await ports.purchases.withdraw(purchase.id))) return;
  const back = cappedGrants(purchase).map((one) => ({ ...one, points: -one.points }));
  await ports.caps.add(purchase.memberId, back);
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
 * pending, when the ledger's answer is not known, and Unsettled when it was refused while another attempt can still
 * arrive. Once none can, a refusal is final, so the purchase is withdrawn.
 */
export async function advancePurchase(
  ports: AdvancePurchasePorts,
  purchase: Purchase,
): Promise<Advanced<Purchase>> {
  if (purchase.state === 'RECORDED') return { kind: 'ADVANCED', record: purchase };
  const begun = await beginAttempt(ports, ports.purchases, purchase.id);
  return 'done' in begun
    ? { kind: 'ADVANCED', record: begun.done }
    : postPurchase(ports, purchase, begun.attempt);
}

/** Moves a purchase on that was just kept with its first attempt. */
export const postKeptPurchase = async (
  ports: AdvancePurchasePorts,
  purchase: Purchase,
): Promise<Advanced<Purchase>> =>
  purchase.attempts?.[0]
    ? postPurchase(ports, purchase, purchase.attempts[0])
    : { kind: 'ADVANCED', record: purchase };

async function postPurchase(
  ports: AdvancePurchasePorts,
  purchase: Purchase,
  attempt: Attempt,
): Promise<Advanced<Purchase>> {
  const { purchases } = ports;
  const { id } = purchase;
  const posted = await askLedger(ports, purchases, id, attempt, () =>
    ports.accounts.postEarn(earnOrder(purchase)),
  );
  if (posted.kind === 'REFUSED') {
    const done = await undoRefused(ports, purchases, id, attempt, () => withdraw(ports, purchase));
    return done
      ? { kind: 'ADVANCED', record: done }
      : toRefusal(posted, purchase.memberId, purchase.programme);
  }
  // Another may have settled it meanwhile: with the same posting, for the ledger knows it by the purchase's key.
  const settled = (await purchases.settle(id, posted.postingId)) ?? (await purchases.byId(id));
  if (!settled) throw new Error(`purchase ${id} was withdrawn although posting ${posted.postingId} is there`);
  return { kind: 'ADVANCED', record: { ...purchase, state: 'RECORDED', postingId: posted.postingId } };
}

import { callerName, type OutsideCaller } from '../../shared/caller.ts';
import { canonicalJson, inputHash, sha256 } from '../../shared/idempotency.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  invalidInput,
  memberNotFound,
  notFound,
} from '../../shared/refusal.ts';
import type { AccountsPort, KnownMember } from '../accounts-port.ts';
import type { Campaign } from '../earning/campaign.ts';
import type { MemberCapStore } from '../earning/member-cap-store.ts';
import type { RulesInForce } from '../earning/rules-in-force.ts';
import type { IssuerNotEligible, NotFound } from '../refusals.ts';
import { type AdvancePurchasePorts, advancePurchase, postKeptPurchase } from './advance-purchase.ts';
import { evaluatePurchase } from './evaluate-purchase.ts';
import { keepPurchase } from './keep-purchase.ts';
import type { Purchase, RequestIdentity } from './purchase.ts';
import { checkPurchase, checkReferences, lineIds, type RecordPurchase } from './purchase-input.ts';
import type { PurchaseStore } from './purchase-store.ts';

/** A merchant's credential. */
export type MerchantCaller = Extract<OutsideCaller, { kind: 'MERCHANT' }>;

/** What recording a purchase needs. */
export interface RecordPurchasePorts extends AdvancePurchasePorts {
  readonly purchases: PurchaseStore;
  readonly caps: MemberCapStore;
  readonly rules: Pick<RulesInForce, 'at'>;
  readonly accounts: AccountsPort;
}

/** The reference was used before with another content. */
export interface PurchaseConflict {
  readonly kind: 'PURCHASE_CONFLICT';
  readonly purchase: Purchase;
}

/** What came of it. */
export type PurchaseRecording =
  | { readonly kind: 'RECORDED'; readonly purchase: Purchase; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | PurchaseConflict
  | IssuerNotEligible;

type Before = { readonly kind: 'SAME'; readonly purchase: Purchase } | IdempotencyConflict | PurchaseConflict;

async function byKey(ports: RecordPurchasePorts, identity: RequestIdentity): Promise<Before | null> {
  const { caller, idempotencyKey } = identity;
  const known = await ports.purchases.byKey(caller, idempotencyKey);
  if (!known) return null;
  if (known.inputHash !== identity.inputHash) return { kind: 'IdempotencyConflict', idempotencyKey };
  return { kind: 'SAME', purchase: known.purchase };
}

async function byRef(
  ports: RecordPurchasePorts,
  identity: RequestIdentity,
  merchantId: string,
  externalRef: string,
): Promise<Before | null> {
  const known = await ports.purchases.byRef(merchantId, externalRef);
  if (!known) return null;
  const { purchase } = known;
  return { kind: known.contentHash === identity.contentHash ? 'SAME' : 'PURCHASE_CONFLICT', purchase };
}

/** Everything that is known before the purchase is evaluated. */
interface Known {
  readonly currency: string | null;
  readonly programme: string | null;
  readonly member: KnownMember | null;
  readonly campaigns: readonly Campaign[];
}

/** Asks for all of it at once: the member is the one round trip, the rest is remembered most of the time. */
async function learn(
  ports: RecordPurchasePorts,
  caller: MerchantCaller,
  input: RecordPurchase,
  at: Date,
): Promise<Known> {
  const code = input.programme ?? 'SHARED';
  const known = ports.accounts.programmeExists(code);
  const [currency, exists, member, campaigns] = await Promise.all([
    ports.accounts.merchantCurrency(caller.merchantId),
    known,
    ports.accounts.resolveMember(input.member, caller),
    // Rules are remembered by programme: made-up ones must not fill that memory.
    known.then((real) => (real ? ports.rules.at(caller.merchantId, code, at) : [])),
  ]);
  return { currency, programme: exists ? code : null, member, campaigns };
}

function lacking(caller: MerchantCaller, input: RecordPurchase, known: Known): NotFound | null {
  if (known.currency === null) return notFound('MERCHANT', caller.merchantId);
  if (known.member === null) return memberNotFound(input.member);
  if (known.programme === null) return notFound('PROGRAMME', input.programme ?? 'SHARED');
  return null;
}

/**
 * Two ways to name the member, or ids of lines left out or written out, are the same content. The lines are hashed once:
 * they are nearly all of the input.
 */
function identify(
  caller: MerchantCaller,
  input: RecordPurchase,
  member: KnownMember | null,
): RequestIdentity {
  const { idempotencyKey, externalRef, member: named, ...rest } = input;
  const ids = lineIds(input.lines);
  const lines = sha256(canonicalJson(input.lines.map((line, i) => ({ ...line, id: ids[i] }))));
  return {
    caller: callerName(caller),
    idempotencyKey,
    inputHash: inputHash({ ...rest, lines, externalRef, member: named }),
    contentHash: inputHash({ ...rest, lines, memberId: member?.id }),
  };
}

async function finish(
  ports: RecordPurchasePorts,
  purchase: Purchase,
  replayed: boolean,
): Promise<PurchaseRecording> {
  const advanced = await (replayed ? advancePurchase : postKeptPurchase)(ports, purchase);
  if (advanced.kind !== 'ADVANCED') return advanced;
  return { kind: 'RECORDED', purchase: advanced.record, replayed };
}

const answer = (
  ports: RecordPurchasePorts,
  before: Before,
): Promise<PurchaseRecording> | PurchaseRecording =>
  before.kind === 'SAME' ? finish(ports, before.purchase, true) : before;

/**
 * Records a purchase and posts what it earns. A saga: the purchase is kept with its evaluation frozen, then the ledger
 * posts, then the purchase says so; whatever stops it in between, the same request or the sweeper goes on from there.
 */
export async function recordPurchase(
  ports: RecordPurchasePorts,
  caller: MerchantCaller,
  input: RecordPurchase,
): Promise<PurchaseRecording> {
  const now = ports.clock.now();
  const fault = checkPurchase(input, now);
  if (fault) return fault;
  const at = input.at ?? now;
  const known = await learn(ports, caller, input, at);
  if (known.currency !== null && known.currency !== input.currency)
    return invalidInput('input.currency', `${known.currency}, the merchant's own currency`);
  const identity = identify(caller, input, known.member);
  const refused = lacking(caller, input, known);
  if (refused) {
    const before = await byKey(ports, identity);
    return before ? answer(ports, before) : refused;
  }
  const evaluate = evaluatePurchase({
    id: ports.newId('pur'),
    merchantId: caller.merchantId,
    member: known.member!,
    input,
    at,
    now,
    campaigns: known.campaigns,
  });
  const before = async () =>
    (await byKey(ports, identity)) ?? (await byRef(ports, identity, caller.merchantId, input.externalRef));
  const odd = checkReferences(input.externalRef, input.lines);
  if (odd) {
    const known = await before();
    return known ? answer(ports, known) : odd;
  }
  const kept = await keepPurchase(ports, identity, evaluate, before);
  return kept.kind === 'KEPT' ? finish(ports, kept.purchase, false) : answer(ports, kept.before);
}

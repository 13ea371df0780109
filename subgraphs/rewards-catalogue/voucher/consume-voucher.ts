import { actorOf, type Caller } from '../../shared/caller.ts';
import { isReference, referenceRule } from '../../shared/reference.ts';
import { type IdempotencyConflict, type InvalidInput, invalidInput, notFound } from '../../shared/refusal.ts';
import { checkKey, checkSame, identify, type RequestIdentity } from '../../shared/request.ts';
import type { CataloguePorts } from '../ports.ts';
import { NotFinishedYet, type NotFound } from '../refusal.ts';
import { checkText } from '../request.ts';
import { type Voucher, type VoucherStatus, voucherStatus } from './voucher.ts';
import { readVoucherCode } from './voucher-code.ts';

/** What the caller asks for. */
export interface ConsumeVoucherInput {
  readonly idempotencyKey: string;
  readonly code: string;
  readonly externalRef: string;
}

/** The voucher was consumed for another sale, is void, or has expired. */
export interface VoucherNotUsable {
  readonly kind: 'VoucherNotUsable';
  readonly status: VoucherStatus;
  readonly consumedAt: Date | null;
}

/** What came of it. */
export type ConsumeVoucherOutcome =
  | { readonly kind: 'VoucherConsumed'; readonly voucher: Voucher; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound
  | VoucherNotUsable;

type Ports = Pick<CataloguePorts, 'vouchers' | 'clock'>;

/**
 * Takes a voucher at its merchant's till, exactly once: one conditional update decides. The same sale sent again, under
 * the same key or another, is told that it was taken.
 */
export async function consumeVoucher(
  ports: Ports,
  caller: Caller,
  input: ConsumeVoucherInput,
): Promise<ConsumeVoucherOutcome> {
  const code = readVoucherCode(input.code);
  const externalRef = input.externalRef.trim();
  const invalid =
    checkKey(input.idempotencyKey) ??
    (code === null ? invalidInput('input.code', 'the 16 characters on the voucher') : null) ??
    checkText('input.externalRef', externalRef, 1, 100);
  if (invalid || code === null) return invalid!;
  const request = identify(caller, { ...input, code, externalRef });
  const odd = isReference(externalRef) ? null : invalidInput('input.externalRef', referenceRule(100));
  for (let attempt = 1; attempt <= 3; attempt++) {
    const outcome =
      (await replay(ports, request)) ??
      odd ??
      (await take(ports, caller, code, { ...request, ref: externalRef }));
    if (outcome !== 'TRY_AGAIN') return outcome;
  }
  throw new NotFinishedYet('the voucher kept changing');
}

async function replay({ vouchers }: Ports, request: RequestIdentity): Promise<ConsumeVoucherOutcome | null> {
  const voucher = await vouchers.findByConsumption(request.caller, request.key);
  if (!voucher?.consumption) return null;
  return checkSame(voucher.consumption, request) ?? { kind: 'VoucherConsumed', voucher, replayed: true };
}

async function take(
  { vouchers, clock }: Ports,
  caller: Caller,
  code: string,
  sale: RequestIdentity & { readonly ref: string },
): Promise<ConsumeVoucherOutcome | 'TRY_AGAIN'> {
  const actor = actorOf(caller);
  const voucher = await vouchers.findByCode(code);
  const status = voucher && voucherStatus(voucher, clock.now());
  const mine = actor.kind === 'MERCHANT' && voucher?.merchantId === actor.merchantId;
  if (!voucher || !status || !mine) return notFound('VOUCHER', code);
  if (status !== 'ACTIVE') return refuse(voucher, status, sale.ref);
  const consumed = await vouchers.consume(voucher.id, { ...sale, at: clock.now() });
  return consumed ? { kind: 'VoucherConsumed', voucher: consumed, replayed: false } : 'TRY_AGAIN';
}

function refuse(voucher: Voucher, status: VoucherStatus, ref: string): ConsumeVoucherOutcome {
  if (voucher.consumption?.ref === ref) return { kind: 'VoucherConsumed', voucher, replayed: true };
  return { kind: 'VoucherNotUsable', status, consumedAt: voucher.consumption?.at ?? null };
}

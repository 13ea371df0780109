import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
  notFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { NotFound } from '../refusal.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { isLabel } from '../text.ts';
import {
  afterGrant,
  afterWithdrawal,
  type ConsentChange,
  type ConsentNotGiven,
  type ConsentPurpose,
  isGiven,
} from './consent.ts';

/** What a member sends to take a consent back. */
export interface WithdrawConsentInput {
  readonly idempotencyKey: string;
  readonly partnerId: string;
  readonly purpose: ConsentPurpose;
}

/** What a member sends to give a consent. */
export interface GrantConsentInput extends WithdrawConsentInput {
  readonly textVersion: string;
  readonly textSha256?: string | null | undefined;
}

/** Whose session it is: the member's, relayed by a merchant's storefront or by none. */
export interface Consenter {
  readonly memberId: string;
  readonly merchantId?: string | undefined;
}

/** What changing a consent needs. */
export interface ChangeConsentPorts {
  readonly consentByRequest: (
    caller: string,
    idempotencyKey: string,
  ) => Promise<{ change: ConsentChange; request: RequestRecord } | null>;
  /** The latest change between a member and a partner, which says what is in force; null before the first. */
  readonly latestConsent: (memberId: string, partnerId: string) => Promise<ConsentChange | null>;
  /** Adds a change and tells of it. Throws Taken on `consents_version` or `consents_request`. */
  readonly insertConsent: (change: ConsentChange, request: RequestRecord) => Promise<void>;
  readonly merchantExists: (id: string) => Promise<boolean>;
  readonly memberExists: (id: string) => Promise<boolean>;
  /** Writes the member, so that of a change and an erasure at once one sees the other; false if it is being erased or was. */
  readonly touchMember: (memberId: string) => Promise<boolean>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** A consent was changed, now or by the same request before. */
export interface ConsentChanged {
  readonly kind: 'ConsentChanged';
  readonly change: ConsentChange;
  readonly replayed: boolean;
}

/** What came of giving a consent. Refusals come in the order of this union. */
export type GrantConsentOutcome = ConsentChanged | InvalidInput | IdempotencyConflict | NotFound;

/** What came of taking one back. Refusals come in the order of this union. */
export type WithdrawConsentOutcome = GrantConsentOutcome | ConsentNotGiven;

function check(input: WithdrawConsentInput & Partial<GrantConsentInput>): InvalidInput | null {
  const fault = checkKey(input.idempotencyKey);
  if (fault) return fault;
  if (typeof input.textVersion === 'string' && !isLabel(input.textVersion, 100))
    return invalidInput('input.textVersion', '1 to 100 characters');
  if (typeof input.textSha256 === 'string' && !/^[0-9a-f]{64}$/.test(input.textSha256))
    return invalidInput('input.textSha256', '64 hexadecimal digits in lower case');
  return null;
}

type Next = Pick<ConsentChange, 'granted' | 'textVersion' | 'textSha256' | 'inForce'>;

/** One more change on top of the latest; if another request came first, decided again on top of that one. */
async function change<R>(
  { memberId, merchantId }: Consenter,
  input: WithdrawConsentInput,
  ports: ChangeConsentPorts,
  decide: (inForce: ConsentChange['inForce'], at: Date) => Next | R,
): Promise<GrantConsentOutcome | R> {
  const fault = check(input);
  if (fault) return fault;
  const request = requestOf(`member:${memberId}`, input);
  const before = await ports.consentByRequest(request.caller, request.idempotencyKey);
  if (before)
    return before.request.inputHash === request.inputHash
      ? { kind: 'ConsentChanged', change: before.change, replayed: true }
      : idempotencyConflict(request.idempotencyKey);
  const { partnerId, purpose } = input;
  if (!(await ports.memberExists(memberId))) return notFound('MEMBER', memberId);
  if (!(await ports.merchantExists(partnerId))) return notFound('MERCHANT', partnerId);
  const latest = await ports.latestConsent(memberId, partnerId);
  const at = ports.clock.now();
  const next = decide(latest?.inForce ?? [], at);
  if (!isNext(next)) return next;
  const made: ConsentChange = {
    ...{ id: ports.newId('con'), memberId, partnerId, purpose, at },
    version: (latest?.version ?? 0) + 1,
    relayedById: merchantId ?? null,
    ...next,
  };
  try {
    return await ports.inTransaction(async (): Promise<GrantConsentOutcome> => {
      if (!(await ports.touchMember(memberId))) return notFound('MEMBER', memberId);
      await ports.insertConsent(made, request);
      return { kind: 'ConsentChanged', change: made, replayed: false };
    });
  } catch (error) {
    if (!isTaken(error, 'consents_version') && !isTaken(error, 'consents_request')) throw error;
    return change({ memberId, merchantId }, input, ports, decide);
  }
}

const isNext = <R>(next: Next | R): next is Next =>
  typeof next === 'object' && next !== null && 'inForce' in next;

/** Gives one partner a consent, or gives it anew with the text shown now. */
export const grantConsent = (
  consenter: Consenter,
  input: GrantConsentInput,
  ports: ChangeConsentPorts,
): Promise<GrantConsentOutcome> =>
  change<never>(consenter, input, ports, (inForce, at) => {
    const { purpose, textVersion, textSha256 = null } = input;
    const given = { purpose, grantedAt: at, textVersion };
    return { granted: true, textVersion, textSha256, inForce: afterGrant(inForce, given) };
  });

/** Takes a consent back. */
export const withdrawConsent = (
  consenter: Consenter,
  input: WithdrawConsentInput,
  ports: ChangeConsentPorts,
): Promise<WithdrawConsentOutcome> =>
  change<ConsentNotGiven>(consenter, input, ports, (inForce) => {
    const { purpose } = input;
    if (!isGiven(inForce, purpose)) return { kind: 'ConsentNotGiven', purpose };
    const left = afterWithdrawal(inForce, purpose);
    return { granted: false, textVersion: null, textSha256: null, inForce: left };
  });

import { type Caller, callerName } from '../../shared/caller.ts';
import type { Clock, NewId } from '../../shared/ids.ts';
import {
  type IdempotencyConflict,
  type InvalidInput,
  idempotencyConflict,
  invalidInput,
  memberNotFound,
} from '../../shared/refusal.ts';
import { checkKey } from '../../shared/request.ts';
import type { Member } from '../membership/member.ts';
import { readSelector, type SelectorInput } from '../membership/selector.ts';
import type { NotFound } from '../refusal.ts';
import { type RequestRecord, requestOf } from '../request.ts';
import { isTaken } from '../taken.ts';
import { isLabel } from '../text.ts';
import type { ExportRequest } from './export-request.ts';

/** What is sent to have everything about a member. */
export interface ExportMemberInput {
  readonly idempotencyKey: string;
  readonly member?: SelectorInput | null | undefined;
  readonly reason?: string | null | undefined;
}

/** What it needs. */
export interface ExportMemberPorts {
  readonly findMember: (selector: SelectorInput) => Promise<Member | null>;
  readonly exportByRequest: (
    caller: string,
    idempotencyKey: string,
  ) => Promise<{ asked: ExportRequest; request: RequestRecord } | null>;
  /** Throws Taken on `exports_request`. */
  readonly insertExport: (asked: ExportRequest, request: RequestRecord) => Promise<void>;
  /** Writes what has fallen due in a member's wallets, so that the journal tells of it. */
  readonly settleWallets: (memberId: string) => Promise<void>;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** What came of it. Refusals come in the order of this union. */
export type ExportMemberOutcome =
  | { readonly kind: 'MemberExported'; readonly asked: ExportRequest; readonly replayed: boolean }
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

/** Who may have an export. */
export type Exporter =
  | Extract<Caller, { kind: 'MEMBER' }>
  | { readonly kind: 'OPERATOR'; readonly subject: string };

function check(
  { kind }: Exporter,
  { idempotencyKey, member, reason }: ExportMemberInput,
): InvalidInput | null {
  const fault = checkKey(idempotencyKey);
  if (fault) return fault;
  if (kind === 'MEMBER') {
    if (member) return invalidInput('input.member', 'left out: a member has its own');
    return reason ? invalidInput('input.reason', 'left out: a member needs none') : null;
  }
  if (!member || !readSelector(member))
    return invalidInput('input.member', 'named by exactly one of id, reference and cardNumber');
  return typeof reason === 'string' && isLabel(reason, 200)
    ? null
    : invalidInput('input.reason', '1 to 200 characters');
}

/** Begins an export, or goes on with one that the same request began, and keeps who asked for it and why. */
export async function exportMember(
  exporter: Exporter,
  input: ExportMemberInput,
  ports: ExportMemberPorts,
): Promise<ExportMemberOutcome> {
  const fault = check(exporter, input);
  if (fault) return fault;
  const request = requestOf(callerName(exporter), input);
  const before = await ports.exportByRequest(request.caller, request.idempotencyKey);
  if (before && before.request.inputHash !== request.inputHash)
    return idempotencyConflict(input.idempotencyKey);
  const selector = exporter.kind === 'MEMBER' ? { id: exporter.memberId } : { ...input.member };
  const member = await ports.findMember(selector);
  if (!member) return memberNotFound(selector);
  await ports.settleWallets(member.id);
  if (before) return { kind: 'MemberExported', asked: before.asked, replayed: true };
  const asked: ExportRequest = {
    ...{ id: ports.newId('exp'), memberId: member.id, at: ports.clock.now(), by: exporter.kind },
    caller: request.caller,
    reason: exporter.kind === 'OPERATOR' ? (input.reason ?? null) : null,
    relayedById: exporter.kind === 'MEMBER' ? (exporter.merchantId ?? null) : null,
  };
  try {
    await ports.insertExport(asked, request);
    return { kind: 'MemberExported', asked, replayed: false };
  } catch (error) {
    if (!isTaken(error, 'exports_request')) throw error;
    return exportMember(exporter, input, ports);
  }
}

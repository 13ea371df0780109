import { type InvalidInput, idempotencyConflict, invalidInput } from '../../shared/refusal.ts';
import { actOnCase } from '../case/acting.ts';
import { type Case, caseAt, evidenceKeyIds } from '../case/case.ts';
import type { CaseCommand } from '../case/case-command.ts';
import { close, closedMember } from './closure.ts';
import type { AdvanceCommand, CloseCommand, Command, Outcome } from './command.ts';
import { checkCommand } from './command-rules.ts';
import { contribute } from './contributing.ts';
import { decline } from './declining.ts';
import { closeDraft, type Draft, openDraft, walletIn } from './draft.ts';
import { advance } from './due.ts';
import { earn } from './earning.ts';
import type { Hold } from './hold.ts';
import { capture, hold, voidHold } from './holding.ts';
import { donate, redeem, transfer } from './payment.ts';
import { isOwn, type Posting } from './posting.ts';
import { remind, tellAtOnce } from './reminding.ts';
import { restore } from './restoring.ts';
import { noteStrays, returnStrays } from './returning.ts';
import { reverse } from './reversal.ts';
import { unlockOnEvent } from './unlocking.ts';
import {
  type Change,
  type DecisionPorts,
  idempotencyKeyId,
  type KeyRecord,
  type LedgerView,
  referenceKeyId,
  restoredKeyId,
  reversalKeyId,
} from './view.ts';
import type { Wallet } from './wallet.ts';

/** What a command is answered and what it changes; a refusal or a replay changes nothing. */
export interface Decision {
  readonly outcome: Outcome;
  readonly change: Change | null;
}

type Refusal = Exclude<Outcome, { kind: 'PointsPosted' | 'PointsHeld' | 'HoldResolved' | 'CaseChanged' }>;

/** What the hash of a key stands for: the input and what was asked with it. */
const hashOf = (command: Command): string => {
  const asked = command.kind === 'CASE' ? `CASE_${command.act.type}` : command.kind;
  return `${asked}:${command.inputHash}`;
};

function perform(draft: Draft, command: Exclude<Command, CloseCommand>): Posting | Hold | Case | Refusal {
  switch (command.kind) {
    case 'EARN':
      return earn(draft, command);
    case 'REDEEM':
      return redeem(draft, command);
    case 'HOLD':
      return hold(draft, command);
    case 'CAPTURE':
      return capture(draft, command);
    case 'VOID':
      return voidHold(draft, command);
    case 'DONATE':
      return donate(draft, command);
    case 'TRANSFER':
      return transfer(draft, command);
    case 'DECLINE':
      return decline(draft, command);
    case 'REVERSE':
      return reverse(draft, command);
    case 'UNLOCK':
      return unlockOnEvent(draft, command);
    case 'RESTORE':
      return restore(draft, command);
    case 'CONTRIBUTE':
      return contribute(draft, command);
    case 'CASE':
      return actOnCase(draft, command);
  }
}

/** A wallet at an instant, with what fell due until then applied but not written. */
export function walletAt(view: LedgerView, walletId: string, ports: DecisionPorts): Wallet {
  const draft = openDraft(view, ports);
  advance(draft, walletId);
  return walletIn(draft, walletId);
}

function holdAt(view: LedgerView, hold: Hold, ports: DecisionPorts): Hold {
  const draft = openDraft(view, ports);
  advance(draft, hold.walletId);
  return draft.holds.get(hold.id) ?? hold;
}

const heldOutcome = (command: Command, hold: Hold, replayed: boolean): Outcome =>
  command.kind === 'HOLD' ? { kind: 'PointsHeld', hold, replayed } : { kind: 'HoldResolved', hold, replayed };

function replay(view: LedgerView, command: Command, record: KeyRecord, ports: DecisionPorts): Outcome {
  if (record.hash !== hashOf(command)) return idempotencyConflict(command.idempotencyKey);
  const found = record.holdId === null ? null : view.hold(record.holdId);
  if (found) return heldOutcome(command, holdAt(view, found, ports), true);
  const one = record.caseId === undefined ? null : view.case(record.caseId);
  if (one)
    return { kind: 'CaseChanged', case: caseAt(one, ports.now), stepId: record.stepId!, replayed: true };
  const posting = record.postingId === null ? null : view.posting(record.postingId);
  if (!posting) throw new Error(`the result of ${record.id} was not loaded`);
  return {
    kind: 'PointsPosted',
    posting,
    wallet: walletAt(view, posting.walletIds[0]!, ports),
    replayed: true,
  };
}

const once = (id: string, postingId: string | null, hash = ''): KeyRecord => ({
  id,
  hash,
  postingId,
  holdId: null,
});

/** What may not happen again after a posting: its merchant's reference and, for a reversal, one of what it left standing. */
function keysOf(view: LedgerView, posting: Posting): KeyRecord[] {
  const { id, kind, merchantId, externalRef, reverses } = posting;
  const keys: KeyRecord[] = [];
  if (externalRef !== null && merchantId !== null)
    keys.push(once(referenceKeyId(kind, merchantId, externalRef), id));
  if (reverses !== null) {
    const before = view.reversalsOf(reverses).reduce((sum, reversal) => sum + reversal.points, 0n);
    keys.push(once(reversalKeyId(reverses, before), id));
  }
  if (kind === 'RESTORE') keys.push(once(restoredKeyId(posting.lotId!), id));
  return keys;
}

function closePosted(draft: Draft, command: Command, posting: Posting): Decision {
  const own = once(idempotencyKeyId(command.caller, command.idempotencyKey), posting.id, hashOf(command));
  const change = closeDraft(draft, [own, ...keysOf(draft.view, posting)]);
  const wallet =
    change.wallets.find(({ id }) => id === posting.walletIds[0]) ?? walletIn(draft, posting.walletIds[0]!);
  return { outcome: { kind: 'PointsPosted', posting, wallet, replayed: false }, change };
}

function closeHeld(draft: Draft, command: Command, hold: Hold): Decision {
  const id = idempotencyKeyId(command.caller, command.idempotencyKey);
  const change = closeDraft(draft, [{ id, hash: hashOf(command), postingId: null, holdId: hold.id }]);
  return { outcome: heldOutcome(command, hold, false), change };
}

/** What may not happen again after an act: its evidence freezes once, and a deduction is given back once. */
function closeCase(draft: Draft, command: CaseCommand, one: Case): Decision {
  const id = idempotencyKeyId(command.caller, command.idempotencyKey);
  const stepId = one.steps.at(-1)!.id;
  const about = { hash: '', postingId: null, holdId: null, caseId: one.id };
  const evidence = command.act.type === 'FREEZE' ? evidenceKeyIds(one) : [];
  const change = closeDraft(draft, [
    { ...about, id, hash: hashOf(command), stepId },
    ...evidence.map((key) => ({ ...about, id: key })),
    ...draft.postings.flatMap((posting) => keysOf(draft.view, posting)),
  ]);
  return { outcome: { kind: 'CaseChanged', case: one, stepId, replayed: false }, change };
}

/** More than is held cannot be captured; a hold's points never change, so this is a fault of the input. */
function checkCapture(view: LedgerView, command: Command): InvalidInput | null {
  if (command.kind !== 'CAPTURE' || typeof command.points !== 'bigint') return null;
  const held = view.hold(command.holdId)?.points;
  return held !== undefined && command.points > held ? invalidInput('input.points', `1 to ${held}`) : null;
}

/** What an earn gave by line is reversed by line: so many points of it would leave open which. */
function checkReversedPoints(view: LedgerView, command: Command): InvalidInput | null {
  if (command.kind !== 'REVERSE' || typeof command.points !== 'bigint') return null;
  const posting = view.posting(command.postingId);
  return posting && isOwn(posting, command.caller) && posting.lines.length > 0
    ? invalidInput('input.points', 'left out for an earn by line: name the lines')
    : null;
}

const isRefusal = (result: Posting | Hold | Case | Refusal): result is Refusal =>
  !('id' in result && 'programme' in result);

const isPosting = (result: Posting | Hold | Case): result is Posting => 'entries' in result;

/**
 * Decides one command against what is known, at an instant. Pure: the view stays as it is. A command that was carried out
 * before is answered as it was then. Refusals come in this order:
 * InvalidInput, IdempotencyConflict, NotFound, AlreadyPosted, the rest. Throws NeedsLots if more of a wallet has to be
 * loaded first.
 */
export function decide(view: LedgerView, command: Command, ports: DecisionPorts): Decision {
  if (command.kind === 'CLOSE') return close(view, command, ports);
  const record = view.key(idempotencyKeyId(command.caller, command.idempotencyKey));
  // What was done stays done, though a rule of today would refuse it.
  if (record?.hash === hashOf(command))
    return { outcome: replay(view, command, record, ports), change: null };
  const fault = checkCommand(command) ?? checkCapture(view, command) ?? checkReversedPoints(view, command);
  if (fault) return { outcome: fault, change: null };
  if (record) return { outcome: replay(view, command, record, ports), change: null };
  if (command.missing) return { outcome: command.missing, change: null };
  const gone = closedMember(view, command);
  if (gone) return { outcome: gone, change: null };
  const draft = openDraft(view, ports);
  const result = perform(draft, command);
  if (isRefusal(result)) return { outcome: result, change: null };
  tellAtOnce(draft);
  if (isPosting(result)) return closePosted(draft, command, result);
  return command.kind === 'CASE' && 'disputed' in result
    ? closeCase(draft, command, result)
    : closeHeld(draft, command, result as Hold);
}

/**
 * Applies what fell due in a wallet, gives back in a pool some of what those have there who left the household and, if it
 * is to remind, sends what reminders are due; null if there was nothing.
 */
export function decideAdvance(
  view: LedgerView,
  command: AdvanceCommand,
  ports: DecisionPorts,
): Change | null {
  const draft = openDraft(view, ports);
  advance(draft, command.walletId);
  returnStrays(draft, command.walletId, advance);
  noteStrays(draft, command.walletId);
  if (command.reminds) remind(draft, command.walletId);
  return draft.wallets.size === 0 ? null : closeDraft(draft, []);
}

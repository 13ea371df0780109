import { isIdempotencyKey } from '../../shared/idempotency.ts';
import { isReference, referenceRule } from '../../shared/reference.ts';
import { type InvalidInput, invalidInput } from '../../shared/refusal.ts';
import { checkAct } from '../case/case-rules.ts';
import { eventNameRule, isEventName } from '../programme/event-name.ts';
import { type Command, mostPoints, type ReverseCommand, type UnlockCommand } from './command.ts';
import { keeperOf, type Line } from './posting.ts';

/** As many as a purchase can have. */
const mostLines = 2_000;
const mostText = 500;
const mostReference = 200;

/** True for a number of points that one command may move. */
const isAmount = (points: bigint): boolean => points >= 1n && points <= mostPoints;

const amountRule = '1 to 100,000,000';

const isId = (id: string): boolean => /^[\x21-\x39\x3b-\x7e]{1,200}$/.test(id);

const checkPoints = (points: bigint): InvalidInput | null =>
  isAmount(points) ? null : invalidInput('input.points', amountRule);

/** Lines must have ids of their own, and be neither none nor too many. */
function checkLineIds(lines: readonly { readonly id: string }[]): InvalidInput | null {
  if (lines.length < 1 || lines.length > mostLines)
    return invalidInput('input.lines', `1 to ${mostLines} lines`);
  const seen = new Set<string>();
  for (const [i, { id }] of lines.entries()) {
    if (id.length < 1 || id.length > mostReference)
      return invalidInput(`input.lines.${i}.id`, `1 to ${mostReference} characters`);
    if (seen.has(id)) return invalidInput(`input.lines.${i}.id`, 'another than those of the lines before it');
    seen.add(id);
  }
  return null;
}

function checkEarnLines(lines: readonly Line[], points: bigint): InvalidInput | null {
  const fault = checkLineIds(lines);
  if (fault) return fault;
  const wrong = lines.findIndex((line) => line.points < 0n || line.points > mostPoints);
  if (wrong >= 0) return invalidInput(`input.lines.${wrong}.points`, '0 to 100,000,000');
  const sum = lines.reduce((total, line) => total + line.points, 0n);
  return sum === points ? null : invalidInput('input.lines', `lines whose points sum to ${points}`);
}

function checkReverseLines(
  lines: readonly { readonly id: string; readonly points?: bigint | null | undefined }[],
): InvalidInput | null {
  const fault = checkLineIds(lines);
  if (fault) return fault;
  const wrong = lines.findIndex((line) => typeof line.points === 'bigint' && !isAmount(line.points));
  return wrong >= 0 ? invalidInput(`input.lines.${wrong}.points`, amountRule) : null;
}

function checkReversal({ lines, points }: ReverseCommand): InvalidInput | null {
  if (typeof points !== 'bigint') return lines ? checkReverseLines(lines) : null;
  return lines ? invalidInput('input.points', 'left out where lines are named') : checkPoints(points);
}

function checkUnlock({ postingId, externalRef, event }: UnlockCommand): InvalidInput | null {
  if ((typeof postingId === 'string') === (typeof externalRef === 'string'))
    return invalidInput('input.postingId', 'given, or externalRef instead, and not both');
  return isEventName(event) ? null : invalidInput('input.event', eventNameRule);
}

function checkTexts(command: Command): InvalidInput | null {
  const reference = 'externalRef' in command ? command.externalRef : null;
  if (typeof reference === 'string' && (reference.length < 1 || reference.length > mostReference))
    return invalidInput('input.externalRef', `1 to ${mostReference} characters`);
  // What is only looked for, or kept already by a service, may be whatever a reference once was.
  const isNew = command.kind !== 'UNLOCK' && keeperOf(command.caller) === null;
  if (isNew && typeof reference === 'string' && !isReference(reference))
    return invalidInput('input.externalRef', referenceRule(mostReference));
  const reason = 'reason' in command ? command.reason : null;
  if (typeof reason !== 'string') return null;
  // A reversal is explained by its reason alone, so one that says nothing is none.
  if (command.kind === 'REVERSE' && (reason.trim() === '' || reason.length > mostText))
    return invalidInput('input.reason', `1 to ${mostText} characters`);
  return reason.length > mostText ? invalidInput('input.reason', `at most ${mostText} characters`) : null;
}

function checkMovement(command: Command): InvalidInput | null {
  switch (command.kind) {
    case 'EARN':
      return (
        checkPoints(command.points) ?? (command.lines ? checkEarnLines(command.lines, command.points) : null)
      );
    case 'REDEEM':
    case 'HOLD':
    case 'CONTRIBUTE':
      return checkPoints(command.points);
    case 'DONATE':
      return isId(command.causeId)
        ? checkPoints(command.points)
        : invalidInput('input.causeId', 'a cause id');
    case 'TRANSFER':
      return command.memberId === command.toMemberId
        ? invalidInput('input.toCardNumber', "another member's card number")
        : checkPoints(command.points);
    case 'CAPTURE':
      return typeof command.points === 'bigint' ? checkPoints(command.points) : null;
    case 'VOID':
    case 'DECLINE':
    case 'RESTORE':
    case 'CLOSE':
      return null;
    case 'REVERSE':
      return checkReversal(command);
    case 'UNLOCK':
      return checkUnlock(command);
    case 'CASE':
      return checkAct(command.act);
  }
}

/** The first fault of a command's own values, whatever the ledger holds; or null. */
export function checkCommand(command: Command): InvalidInput | null {
  if (!isIdempotencyKey(command.idempotencyKey))
    return invalidInput('input.idempotencyKey', '1 to 200 visible ASCII characters');
  return checkMovement(command) ?? checkTexts(command);
}

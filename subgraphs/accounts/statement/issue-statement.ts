import { sha256 } from '../../shared/idempotency.ts';
import type { Clock } from '../../shared/ids.ts';
import type { Signer } from '../../shared/signing/signer.ts';
import { isSettled, type Month, monthOf, monthsLater } from '../ledger/month.ts';
import type { WalletMonth } from '../ledger/read-month.ts';
import type { Member } from '../membership/member.ts';
import { isTaken } from '../taken.ts';
import { type EarnedInPorts, earnedIn } from './earned-in.ts';
import { textsFault } from './message-fault.ts';
import { recordText } from './record.ts';
import type { LineInForce } from './set-warm-line.ts';
import { makeStatement, merchantLinesOf } from './statement.ts';
import type { IssuedStatement } from './statement-store.ts';
import { longestRow, warmFacts } from './warm-facts.ts';
import { chooseLines, fittingLines, merchantKind } from './warm-kind.ts';
import { canTell, tellLines, type WarmLine, type WarmTexts } from './warm-message.ts';

/** What issuing a statement needs. */
export interface IssueStatementPorts extends EarnedInPorts {
  readonly issued: (memberId: string, month: string) => Promise<IssuedStatement | null>;
  /** Throws Taken on `statements_member` or `_id_` if the month was issued before. */
  readonly insert: (statement: IssuedStatement) => Promise<void>;
  readonly readMonth: (memberId: string, month: Month) => Promise<readonly WalletMonth[]>;
  /** Whether anything was posted before an instant. */
  readonly hasEarlier: (memberId: string, before: Date) => Promise<boolean>;
  readonly linesInForce: (merchantId: string) => Promise<readonly LineInForce[]>;
  readonly merchantName: (merchantId: string) => Promise<string>;
  readonly signer: Pick<Signer, 'sign'>;
  readonly clock: Clock;
}

/** A month that is not at rest yet: what it looks like now, unsigned and not kept. */
export interface StatementPreview {
  readonly memberId: string;
  readonly month: string;
  readonly text: string;
  readonly lines: readonly WarmLine[];
}

async function monthsBefore(memberId: string, month: Month, ports: IssueStatementPorts): Promise<number> {
  for (let count = 0; count < longestRow; count++)
    if (!(await earnedIn(memberId, monthsLater(month, -count - 1), ports))) return count;
  return longestRow;
}

/** Whose month it is, and when it is asked for. */
interface Asked {
  readonly member: Member;
  readonly month: Month;
  readonly now: Date;
}

async function tell(
  { member: { id: memberId, registeredAt }, month, now }: Asked,
  wallets: readonly WalletMonth[],
  ports: IssueStatementPorts,
): Promise<WarmLine[]> {
  const facts = warmFacts(makeStatement(memberId, month, wallets), wallets, {
    registeredAt,
    now,
    hasEarlier: await ports.hasEarlier(memberId, month.from),
    monthsBefore: await monthsBefore(memberId, month, ports),
  });
  const merchants = [...new Set(facts.rewards.map(({ merchantId }) => merchantId))];
  const written = (await Promise.all(merchants.map(ports.linesInForce))).flat();
  // Ours are told in place of one that was saved before its fault was known.
  const inForce = written.filter(({ texts }) => textsFault(texts) === null);
  // Statements may be asked for in any order, so the month after counts as well as the one before.
  const around = [-1, 1].map((step) => ports.issued(memberId, monthsLater(month, step).name));
  const told = (await Promise.all(around)).flatMap((one) => one?.lines.map(({ kind }) => kind) ?? []);
  const texts = new Map<string, WarmTexts>(inForce.map((line) => [merchantKind(line), line.texts]));
  const fitting = fittingLines(facts, inForce, (line) => canTell(line, texts));
  return tellLines(chooseLines(fitting, new Set(told)), texts);
}

async function preview(asked: Asked, ports: IssueStatementPorts): Promise<StatementPreview> {
  const { member, month } = asked;
  const wallets = await ports.readMonth(member.id, month);
  const statement = makeStatement(member.id, month, wallets);
  const merchants = new Set(
    statement.programmes.flatMap(merchantLinesOf).map(({ merchantId }) => merchantId),
  );
  const names = new Map<string, string>();
  for (const id of merchants) names.set(id, await ports.merchantName(id));
  return {
    memberId: member.id,
    month: month.name,
    text: recordText(statement, (id) => names.get(id)!),
    lines: await tell(asked, wallets, ports),
  };
}

const firstWins = (error: unknown): void => {
  if (!isTaken(error, 'statements_member') && !isTaken(error, '_id_')) throw error;
};

/**
 * A member's statement of a month: the issued one; issued now if the month is at rest and nobody asked before; or a
 * preview of a month that is not. Null before the member joined and for months to come. Of two who ask at once the first
 * to write wins and both get that one; a process that dies in between leaves nothing, and the next one issues the same.
 */
export async function readStatement(
  member: Member,
  month: Month,
  ports: IssueStatementPorts,
): Promise<IssuedStatement | StatementPreview | null> {
  // Told before anything is read: a month that comes to rest while it is read may have been read too early.
  const now = ports.clock.now();
  if (month.from > now || month.from < monthOf(member.registeredAt).from) return null;
  const known = await ports.issued(member.id, month.name);
  if (known) return known;
  const made = await preview({ member, month, now }, ports);
  if (!isSettled(month, now)) return made;
  const signature = await ports.signer.sign(JSON.parse(made.text));
  const issuedAt = ports.clock.now();
  await ports.insert({ ...made, hash: sha256(made.text), signature, issuedAt }).catch(firstWins);
  return ports.issued(member.id, month.name);
}

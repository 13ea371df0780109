import { actorOf, type Caller, callerName } from '../../shared/caller.ts';
import { checkFirst } from '../../shared/connection.ts';
import { badUserInput } from '../../shared/errors.ts';
import type { Link } from '../../shared/link.ts';
import { isLocale } from '../../shared/locale.ts';
import { answerIdempotencyConflict, answerInvalidInput } from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import { type Month, parseMonth } from '../ledger/month.ts';
import { callingMerchant } from '../ledger/movement-resolvers.ts';
import { defaultLocale, type Locale, type Member } from '../membership/member.ts';
import type { MutationResolvers, Resolvers } from '../resolver-types.ts';
import { type IssueStatementPorts, readStatement } from './issue-statement.ts';
import { type SetWarmLinePorts, setWarmLine, type WrittenLine } from './set-warm-line.ts';
import { statementPage } from './statement-page.ts';
import type { IssuedStatement } from './statement-store.ts';
import { type StatementView, viewStatement } from './statement-view.ts';

/** What the resolvers of statements need. */
export interface StatementResolverPorts extends IssueStatementPorts, SetWarmLinePorts {
  readonly latest: (memberId: string, limit: number) => Promise<readonly IssuedStatement[]>;
  readonly signLink: (link: Link) => Promise<string>;
}

/** The member itself reads what is personal; those who supervise do not. */
const isOwn = (caller: Caller, memberId: string): boolean => {
  const actor = actorOf(caller);
  return actor.kind === 'MEMBER' && actor.memberId === memberId;
};

/** Whether who stands behind a call may read a member's statements: never a merchant, and no other member. */
const mayRead = (caller: Caller, memberId: string): boolean => {
  const actor = actorOf(caller);
  return actor.kind === 'OPERATOR' || actor.kind === 'AUDITOR' || isOwn(caller, memberId);
};

async function localeOf(
  asked: string | null | undefined,
  id: string,
  { profiles }: Context,
): Promise<Locale> {
  if (isLocale(asked)) return asked;
  if (typeof asked === 'string') throw badUserInput('locale: must be zh-CN or en');
  return (await profiles.load(id))?.locale ?? defaultLocale;
}

function monthAsked(text: string): Month {
  const month = parseMonth(text);
  if (!month) throw badUserInput('month: must be a month written YYYY-MM');
  return month;
}

async function statementOf(
  member: Member,
  args: { readonly month: string; readonly locale?: string | null | undefined },
  context: Context,
  ports: StatementResolverPorts,
): Promise<StatementView | null> {
  const month = monthAsked(args.month);
  const locale = await localeOf(args.locale, member.id, context);
  if (!mayRead(context.caller, member.id)) return null;
  const made = await readStatement(member, month, ports);
  return made && viewStatement(made, locale);
}

async function pageOf(view: StatementView, { caller, directory }: Context): Promise<string> {
  const { record, made, issued, locale, memberId } = view;
  const names = new Map<string, string>();
  // A version that is published later never starts before it, so what was in force at an instant in the past stays so.
  for (const { programme } of record.programmes)
    names.set(programme, (await directory.programme(programme, issued?.issuedAt))?.name ?? programme);
  const lines = isOwn(caller, memberId) ? made.lines.map(({ texts }) => texts[locale]) : [];
  const proof = issued && { hash: issued.hash, ...issued.signature };
  return statementPage({ record, programmeNames: names, lines, proof }, locale);
}

async function downloadUrl(
  { memberId, record, locale }: StatementView,
  format: 'HTML' | 'JSON',
  caller: Caller,
  ports: StatementResolverPorts,
): Promise<string | null> {
  if (!isOwn(caller, memberId)) return null;
  const path = `/statements/${memberId}/${record.month}.${format.toLowerCase()}`;
  const query = new URLSearchParams({ locale, ticket: await ports.signLink({ path, memberId }) });
  return `${path}?${query.toString()}`;
}

const answerLine = ({ category, texts, setAt }: WrittenLine) => ({
  category,
  texts: texts && { zhCN: texts['zh-CN'], en: texts.en },
  setAt,
});

const mutations = (ports: StatementResolverPorts) =>
  ({
    setWarmLine: async (_, { input }, { caller }) => {
      const { idempotencyKey, category, texts } = input;
      const written = texts ? { 'zh-CN': texts.zhCN, en: texts.en } : null;
      const outcome = await setWarmLine(
        callerName(caller),
        callingMerchant(caller),
        { idempotencyKey, category, texts: written },
        ports,
      );
      switch (outcome.kind) {
        case 'WarmLineSet':
          return { __typename: outcome.kind, line: answerLine(outcome.line) };
        case 'InvalidInput':
          return answerInvalidInput(outcome);
        case 'IdempotencyConflict':
          return answerIdempotencyConflict(outcome);
        case 'TooManyWarmLines':
          return {
            __typename: outcome.kind,
            code: 'TOO_MANY_WARM_LINES',
            message: `A merchant has at most ${outcome.limit} lines.`,
            limit: outcome.limit,
          };
      }
    },
  }) satisfies MutationResolvers;

const statementFields = (ports: StatementResolverPorts) =>
  ({
    Statement: {
      month: ({ record }) => record.month,
      from: ({ record }) => record.from,
      to: ({ record }) => record.to,
      status: ({ issued }) => (issued ? 'ISSUED' : 'RUNNING'),
      issuedAt: ({ issued }) => issued?.issuedAt ?? null,
      programmes: ({ record }) => record.programmes,
      warmLines: ({ made, memberId, locale }, _, { caller }) =>
        isOwn(caller, memberId) ? made.lines.map(({ kind, texts }) => ({ kind, text: texts[locale] })) : [],
      json: ({ made }) => made.text,
      hash: ({ issued }) => issued?.hash ?? null,
      signature: ({ issued }) => issued?.signature.signature ?? null,
      keyId: ({ issued }) => issued?.signature.keyId ?? null,
      html: (view, _, context) => pageOf(view, context),
      downloadUrl: (view, { format }, { caller }) => downloadUrl(view, format, caller, ports),
    },
    ProgrammeStatement: {
      programme: async ({ programme }, _, { directory }) => (await directory.programme(programme))!,
    },
    StatementLine: {
      merchant: async ({ merchantId }, _, { directory }) => (await directory.merchant(merchantId))!,
      merchantName: ({ merchant }) => merchant,
    },
    StatementDonation: {
      cause: ({ name }) => name,
      impact: ({ goods }) => goods,
    },
  }) satisfies Resolvers;

/** Resolvers of statements and of what merchants write on them. */
export const statementResolvers = (ports: StatementResolverPorts) => ({
  Mutation: mutations(ports),
  Member: {
    statement: (member, args, context) => statementOf(member, args, context, ports),
    statements: async (member, { first, locale }, context) => {
      const count = first ?? 12;
      checkFirst(count);
      const language = await localeOf(locale, member.id, context);
      if (!mayRead(context.caller, member.id)) return [];
      return (await ports.latest(member.id, count)).map((one) => viewStatement(one, language));
    },
  } satisfies Resolvers['Member'],
  Merchant: {
    warmLines: async ({ id }) => (await ports.linesInForce(id)).map(answerLine),
  } satisfies Resolvers['Merchant'],
  ...statementFields(ports),
});

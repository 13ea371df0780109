import { z } from 'zod';
import { canonicalJson } from '../../shared/idempotency.ts';
import type { MerchantLine } from './merchant-line.ts';
import type { ProgrammeStatement, Statement } from './statement.ts';

/** Names of merchants, as they are when the statement is issued. */
export type NameOf = (merchantId: string) => string;

const points = z.string().transform(BigInt);
const instant = z.string().transform((text) => new Date(text));

/** Statements of before households had pools say nothing of them. */
const toPools = z.string().default('0').transform(BigInt);

const merchantLine = z.object({ merchantId: z.string(), merchant: z.string(), points, postings: z.number() });

const causeLine = z.object({
  causeId: z.string(),
  name: z.string().nullable().default(null),
  points,
  postings: z.number(),
  goods: z.array(z.object({ goods: z.string(), unit: z.string(), quantity: z.string() })),
});

const expiries = z.array(z.object({ at: instant, points }));

const pooledRecord = z.object({
  opening: points,
  contributed: points,
  takenBack: points,
  spent: z.array(merchantLine),
  refunded: z.array(merchantLine),
  expired: points,
  other: points,
  closing: points,
  available: points,
  held: points,
  nextExpiries: expiries,
});

const programmeRecord = z.object({
  programme: z.string(),
  opening: points,
  earned: z.array(merchantLine),
  returned: z.array(merchantLine),
  spent: z.array(merchantLine),
  refunded: z.array(merchantLine),
  giftsReceived: points,
  giftsGiven: points,
  donated: z.array(causeLine),
  contributed: toPools,
  takenBack: toPools,
  expired: points,
  // Records of before points could be restored do not say it.
  restored: z.string().default('0').transform(BigInt),
  // Statements of before there were cases do not say.
  deducted: points.default(0n),
  restituted: points.default(0n),
  other: points,
  closing: points,
  available: points,
  pending: points,
  held: points,
  arrears: points,
  unlocked: points,
  nextExpiries: expiries,
  // Records of version 1 say nothing of what was in pools.
  pooled: pooledRecord.nullable().default(null),
});

const statementRecord = z.object({
  type: z.literal('jifen-statement'),
  version: z.union([z.literal(1), z.literal(2)]),
  timeZone: z.literal('UTC'),
  memberId: z.string(),
  month: z.string(),
  from: instant,
  to: instant,
  programmes: z.array(programmeRecord),
});

/** A statement as its record says it. */
export type StatementRecord = z.infer<typeof statementRecord>;

/** A merchant's line with the merchant's name. */
export type MerchantLineRecord = z.infer<typeof merchantLine>;

/** A cause's line. */
export type CauseLineRecord = z.infer<typeof causeLine>;

/** A programme of a statement, with the merchants' names. */
export type ProgrammeRecord = z.infer<typeof programmeRecord>;

/** What a member had in pools, with the merchants' names. */
export type PooledRecord = z.infer<typeof pooledRecord>;

const named = (lines: readonly MerchantLine[], nameOf: NameOf) =>
  lines.map((line) => ({ ...line, merchant: nameOf(line.merchantId) }));

const withNames = (one: ProgrammeStatement, nameOf: NameOf) => ({
  ...one,
  earned: named(one.earned, nameOf),
  returned: named(one.returned, nameOf),
  spent: named(one.spent, nameOf),
  refunded: named(one.refunded, nameOf),
  pooled: one.pooled && {
    ...one.pooled,
    spent: named(one.pooled.spent, nameOf),
    refunded: named(one.pooled.refunded, nameOf),
  },
});

/**
 * What is signed, as canonical JSON (RFC 8785): everything that counts and no personal line. It holds nothing of when or by
 * whom it was asked for, so it is the same whoever comes first. Points are decimal digits, instants ISO 8601.
 */
export const recordText = ({ memberId, month, programmes }: Statement, nameOf: NameOf): string =>
  canonicalJson({
    type: 'jifen-statement',
    version: 2,
    timeZone: 'UTC',
    memberId,
    month: month.name,
    from: month.from,
    to: month.to,
    programmes: programmes.map((one) => withNames(one, nameOf)),
  });

/** Reads a record's text. Throws for what is none. */
export const parseRecord = (text: string): StatementRecord => statementRecord.parse(JSON.parse(text));

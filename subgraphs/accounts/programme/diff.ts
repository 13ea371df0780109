import { canonicalJson } from '../../shared/idempotency.ts';
import {
  type Effect,
  issuersEffect,
  moreIsBetter,
  poolingEffect,
  remindersEffect,
  transfersEffect,
  unlockEffect,
  validityEffect,
} from './effect.ts';
import { allParts, type ProgrammeTerms, publishedTerms } from './programme.ts';

/** One thing that a version lays down otherwise than the one in force before it. */
export interface TermsChange {
  /** Name of the field of the programme, or `disclosure.` and the part of it. */
  readonly field: string;
  /** As published: a text as it is, anything else as canonical JSON; null where there was nothing. */
  readonly before: string | null;
  readonly after: string | null;
  readonly effect: Effect;
}

type Judge = (before: ProgrammeTerms, after: ProgrammeTerms) => Effect;

/**
 * What each field's change means. A refund whose points were spent can be refused under one arrears policy and leave a
 * debt under the other, so that either change is worse for somebody.
 */
const judges: Readonly<Record<string, Judge>> = {
  name: () => 'WORDING',
  unlock: (before, after) => unlockEffect(before.unlock, after.unlock),
  validity: (before, after) => validityEffect(before.validity, after.validity),
  eligibleIssuers: (before, after) => issuersEffect(before.eligibleIssuerIds, after.eligibleIssuerIds),
  arrears: () => 'WORSE',
  transfers: (before, after) => transfersEffect(before.transfers, after.transfers),
  pooling: (before, after) => poolingEffect(before.pooling, after.pooling),
  reminders: (before, after) => remindersEffect(before.reminders, after.reminders),
  holdTimeoutSeconds: () => 'NEUTRAL',
  reinstatementDays: (before, after) => moreIsBetter(before.reinstatementDays, after.reinstatementDays),
  cashEquivalentPerThousand: (before, after) =>
    moreIsBetter(before.cashEquivalentPerThousand.amountMinor, after.cashEquivalentPerThousand.amountMinor),
};

const told = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : canonicalJson(value);
};

/** What a version changes, field by field, and what that means to members. */
export function diffTerms(before: ProgrammeTerms, after: ProgrammeTerms): TermsChange[] {
  const [was, is] = [publishedTerms(before), publishedTerms(after)];
  const fields = Object.entries(judges).map(([field, judge]) => ({
    field,
    before: told(was[field]),
    after: told(is[field]),
    judge: () => judge(before, after),
  }));
  const texts = allParts.map((part) => ({
    field: `disclosure.${part}`,
    before: told(before.disclosure[part]),
    after: told(after.disclosure[part]),
    judge: (): Effect => 'WORDING',
  }));
  return [...fields, ...texts]
    .filter((change) => change.before !== change.after)
    .map(({ judge, ...change }) => ({ ...change, effect: judge() }));
}

/** Whether a version is worse for members than the one in force before it, in what a program can judge. */
export const worsens = (changes: readonly TermsChange[]): boolean =>
  changes.some(({ effect }) => effect === 'WORSE');

import type { ConnectionOf } from '../../shared/connection.ts';
import type { Locale } from '../membership/member.ts';
import type { Case, CaseStep } from './case.ts';

/** A page of cases. */
export type CaseConnection = ConnectionOf<Case>;

/** Who did something in a case, as everyone who reads it is told. */
export type CaseParty = 'MERCHANT' | 'OPERATOR' | 'MEMBER' | 'TIME';

/** Who did a step. */
export function partyOf({ by }: Pick<CaseStep, 'by'>): CaseParty {
  if (by === null) return 'TIME';
  if (by.startsWith('merchant:')) return 'MERCHANT';
  return by.startsWith('member:') ? 'MEMBER' : 'OPERATOR';
}

const words: Readonly<Record<Locale, (until: string, id: string) => string>> = {
  en: (until, id) =>
    `You can appeal once, until ${until}: say why in the app of any of our shops, or ask a shop to do it with you (case ${id}). Somebody who has had no part in the case will decide, and if you are right every point comes back.`,
  'zh-CN': (until, id) =>
    `您可以在 ${until} 之前申诉一次：在任一商家的应用中说明理由，或请商家协助（案件编号 ${id}）。申诉由未参与此案的人员裁定；申诉成立时，被扣除的积分将全部退还。`,
};

/** How a member appeals; null where there is nothing to appeal against, or it is too late. */
export function howToAppeal(one: Case, locale: Locale, now: Date): string | null {
  const { status, appealableUntil, id } = one;
  if (status !== 'UPHELD' || appealableUntil === null || now >= appealableUntil) return null;
  // The last second in which it is still possible, so that nobody comes a moment late.
  const until = new Date(appealableUntil.getTime() - 1).toISOString().slice(0, 19).replace('T', ' ');
  return words[locale](`${until} UTC`, id);
}

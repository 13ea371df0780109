import { type MatchedGoods, sumGoods } from '../matching/pledge.ts';
import type { Donation } from './donation.ts';

/** The facts that a line of impact is built from. */
export type ImpactFacts = Pick<Donation, 'points' | 'causeName' | 'matches' | 'status'>;

const goodsOf = (facts: ImpactFacts, line: (goods: MatchedGoods) => string, locale: string): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(sumGoods(facts.matches).map(line));

function inEnglish(facts: ImpactFacts): string {
  const points = `${facts.points.toLocaleString('en')} ${facts.points === 1n ? 'point' : 'points'}`;
  const goods = goodsOf(facts, (g) => `${g.quantity.toLocaleString('en')} ${g.unit} of ${g.goods}`, 'en');
  switch (facts.status) {
    case 'PENDING':
      return `Your ${points} are on their way to ${facts.causeName}.`;
    case 'FAILED':
      return `Your gift to ${facts.causeName} did not go through; your points are still yours.`;
    case 'CONFIRMED':
      return facts.matches.length > 0
        ? `You gave ${points} to ${facts.causeName}, and that set aside ${goods} for them. Thank you!`
        : `You gave ${points} to ${facts.causeName}. Thank you for your kindness!`;
  }
}

function inChinese(facts: ImpactFacts): string {
  const points = `${facts.points.toLocaleString('zh-CN')} 积分`;
  const goods = goodsOf(facts, (g) => `${g.quantity.toLocaleString('zh-CN')} ${g.unit} ${g.goods}`, 'zh-CN');
  switch (facts.status) {
    case 'PENDING':
      return `你的 ${points}正在送往「${facts.causeName}」的路上。`;
    case 'FAILED':
      return `这次给「${facts.causeName}」的捐赠没有完成，你的积分仍在你的账户里。`;
    case 'CONFIRMED':
      return facts.matches.length > 0
        ? `你把 ${points}捐给了「${facts.causeName}」，并为它留出了 ${goods}，谢谢你的爱心！`
        : `你把 ${points}捐给了「${facts.causeName}」，谢谢你的爱心！`;
  }
}

/**
 * One warm line of what a donation does, in the member's language (Chinese for any `zh` tag, else English). It says only
 * what is recorded: goods count as set aside by the pledge, never as delivered.
 */
export const impactLine = (facts: ImpactFacts, locale: string): string =>
  locale.toLowerCase().startsWith('zh') ? inChinese(facts) : inEnglish(facts);

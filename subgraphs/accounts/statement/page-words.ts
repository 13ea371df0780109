import type { Locale } from '../membership/member.ts';

/** What the page says around the numbers. */
export interface PageWords {
  readonly title: string;
  readonly month: (from: Date) => string;
  readonly running: string;
  readonly opening: string;
  readonly closing: string;
  readonly closingNow: string;
  readonly earned: string;
  readonly returned: string;
  readonly spent: string;
  readonly refunded: string;
  readonly giftsReceived: string;
  readonly giftsGiven: string;
  readonly contributed: string;
  readonly takenBack: string;
  /** Heading of what the member has in pools of households. */
  readonly pooled: string;
  readonly putIn: string;
  readonly broughtBack: string;
  readonly spentByHousehold: string;
  readonly donated: string;
  readonly setAside: (goods: string) => string;
  readonly expired: string;
  readonly restored: string;
  readonly deducted: string;
  readonly restituted: string;
  readonly other: string;
  readonly more: (count: number) => string;
  readonly available: string;
  readonly pending: string;
  readonly held: string;
  readonly arrears: string;
  readonly unlocked: (points: string) => string;
  readonly nextExpiries: string;
  readonly noExpiries: string;
  readonly nothing: string;
  readonly points: string;
  readonly day: (at: Date) => string;
  readonly utc: string;
  readonly member: string;
  readonly signed: string;
  readonly hash: string;
  readonly signature: string;
  readonly key: string;
}

const format = (locale: Locale, options: Intl.DateTimeFormatOptions): ((at: Date) => string) => {
  const formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  return (at) => formatter.format(at);
};

const chinese: PageWords = {
  title: '积分月结单',
  month: format('zh-CN', { year: 'numeric', month: 'long' }),
  running: '本月尚未结束：以下是到目前为止的情况，未签名。',
  opening: '月初结余',
  closing: '月末结余',
  closingNow: '当前结余',
  earned: '获得',
  returned: '退货收回',
  spent: '使用',
  refunded: '退还',
  giftsReceived: '收到赠送',
  giftsGiven: '送出',
  contributed: '存入家庭积分池',
  takenBack: '从家庭积分池取回',
  pooled: '你在家庭积分池中的积分',
  putIn: '存入',
  broughtBack: '取回',
  spentByHousehold: '家庭使用',
  donated: '捐赠',
  setAside: (goods) => `为此备下 ${goods}`,
  expired: '过期',
  restored: '过期后恢复',
  deducted: '裁定扣除',
  restituted: '申诉退还',
  other: '其他',
  more: (count) => `另外 ${count} 家`,
  available: '可用',
  pending: '待生效',
  held: '已预留',
  arrears: '待抵扣',
  unlocked: (points) => `本月有 ${points} 积分生效，可以使用了`,
  nextExpiries: '接下来到期',
  noExpiries: '没有将要到期的积分',
  nothing: '这个月没有积分，也没有发生任何变动。',
  points: '积分',
  day: format('zh-CN', { year: 'numeric', month: 'long', day: 'numeric' }),
  utc: '月份与日期按协调世界时（UTC）计算。',
  member: '会员',
  signed:
    '本月结单经电子签名，签发后不再改变；以后的更正记入更正当月。任何人都可以凭联盟的公钥，在 /verify 页面验证其 JSON 文件。',
  hash: 'SHA-256',
  signature: '签名 (EdDSA)',
  key: '公钥',
};

const english: PageWords = {
  title: 'Points statement',
  month: format('en', { year: 'numeric', month: 'long' }),
  running: 'The month is not over: this is how it stands now, unsigned.',
  opening: 'Opening balance',
  closing: 'Closing balance',
  closingNow: 'Balance now',
  earned: 'Earned',
  returned: 'Taken back after returns',
  spent: 'Spent',
  refunded: 'Given back',
  giftsReceived: 'Gifts received',
  giftsGiven: 'Gifts given',
  contributed: 'Put into the household pool',
  takenBack: 'Back from the household pool',
  pooled: 'Your points in the household pool',
  putIn: 'Put in',
  broughtBack: 'Taken back',
  spentByHousehold: 'Spent by the household',
  donated: 'Donated',
  setAside: (goods) => `Set aside for it: ${goods}`,
  expired: 'Expired',
  restored: 'Restored after expiry',
  deducted: 'Deducted by a decided case',
  restituted: 'Given back after an appeal',
  other: 'Other',
  more: (count) => `${count} more`,
  available: 'Available',
  pending: 'Pending',
  held: 'Held',
  arrears: 'Owed',
  unlocked: (points) => `${points} points became spendable this month`,
  nextExpiries: 'Expiring next',
  noExpiries: 'No points are about to expire',
  nothing: 'There were no points this month, and nothing happened.',
  points: 'points',
  day: format('en', { year: 'numeric', month: 'long', day: 'numeric' }),
  utc: 'Months and days are those of Coordinated Universal Time (UTC).',
  member: 'Member',
  signed:
    'Signed, and never changed once issued: what is corrected later appears in the month of the correction. Whoever has the public keys of the coalition can verify its JSON file on the page /verify.',
  hash: 'SHA-256',
  signature: 'Signature (EdDSA)',
  key: 'Key',
};

/** The words of the page in a language. */
export const pageWords: Readonly<Record<Locale, PageWords>> = { 'zh-CN': chinese, en: english };

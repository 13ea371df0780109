/** A complete disclosure of a programme whose points unlock at once. */
export const disclosure = {
  earning: '10 points for every yuan spent',
  accrualBase: 'the amount paid, tax included',
  rounding: 'down, per line',
  validity: '24 months',
  redemption: 'at every partner',
  honouringMerchants: 'all partners',
  exclusions: 'gift cards',
  cashEquivalent: '1,000 points are worth 10 yuan',
  arrears: 'points of a return that were spent are owed',
  transfer: 'points may be given away and pooled',
  reminders: '30, 7 and 1 days before',
};

/** Source of all that accounts tells. */
export const accountsSource = 'urn:jifen:accounts';

/** A posting touched a wallet: one event a wallet. */
export const pointsPosted = 'jifen.points.posted';

/** A merchant registered a member under its reference. */
export const memberRegistered = 'jifen.member.registered';

/** A member was erased. */
export const memberErased = 'jifen.member.erased';

/** A member gave a partner a consent or took it back. */
export const consentChanged = 'jifen.consent.changed';

/** A programme or its next version was published. */
export const programmePublished = 'jifen.programme.published';

/** A member is reminded of points that expire. */
export const pointsExpiring = 'jifen.points.expiring';

/** A step in a case over a member's points, by what was done. */
export const caseEventTypes = {
  OPENED: 'jifen.case.opened',
  FROZEN: 'jifen.case.frozen',
  CONFIRMED: 'jifen.case.confirmed',
  DISMISSED: 'jifen.case.decided',
  LAPSED: 'jifen.case.lapsed',
  UPHELD: 'jifen.case.decided',
  APPEALED: 'jifen.case.appealed',
  APPEAL_REJECTED: 'jifen.case.appeal-decided',
  OVERTURNED: 'jifen.case.appeal-decided',
} as const;

/** The member should look at its account: something happened there that it has a right to know. */
export const memberNotice = 'jifen.member.notice';

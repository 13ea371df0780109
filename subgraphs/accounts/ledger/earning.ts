import { notFound } from '../../shared/refusal.ts';
import { issuerAccount, walletIdOf } from './account.ts';
import { beginSliding, noteActivity } from './activity.ts';
import type { CommonRefusal, EarnCommand } from './command.ts';
import type { Draft } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import type { Lot, LotTerms } from './lot.ts';
import { noteOf } from './note.ts';
import { alreadyPosted } from './once.ts';
import type { IssuerNotEligible } from './policy-refusal.ts';
import { keeperOf, type Posting } from './posting.ts';
import type { AlreadyPosted } from './refusal.ts';
import { settle } from './spending.ts';
import { expiryOf, type MerchantPrices, type ProgrammeTerms, unlockOf } from './terms.ts';

/** What a lot keeps of the terms it is earned under. */
const keptOf = ({
  version,
  reinstatementDays,
  unlock,
  validity,
  arrears,
  transfers,
  pooling,
}: ProgrammeTerms): LotTerms => ({
  termsVersion: version,
  reinstatementDays,
  unlockEvent: unlock.kind === 'ON_EVENT' ? unlock.event : null,
  lapses: unlock.kind === 'ON_EVENT' && unlock.otherwise === 'LAPSE',
  slideMonths: validity.kind === 'SLIDING' ? validity.months : null,
  ifSpent: arrears,
  transferable: transfers.allowed,
  poolable: pooling.allowed,
});

function newLot(draft: Draft, command: EarnCommand, terms: ProgrammeTerms, prices: MerchantPrices): Lot {
  return {
    id: draft.newId('lot'),
    walletId: walletIdOf(command.memberId, command.programme),
    programme: command.programme,
    issuerId: command.merchantId,
    points: command.points,
    remaining: 0n,
    held: 0n,
    expired: 0n,
    unlocked: terms.unlock.kind === 'IMMEDIATE',
    earnedAt: draft.now,
    unlocksAt: unlockOf(draft.now, terms.unlock),
    expiresAt: expiryOf(draft.now, terms.validity),
    campaignId: command.campaignId ?? null,
    ruleVersion: command.ruleVersion ?? null,
    ...keptOf(terms),
    issuePricePerThousand: prices.issuePricePerThousand,
    originLotId: null,
    contributorId: null,
  };
}

/** Refuses a merchant that may not issue in the programme. */
function checkIssuer(merchantId: string, terms: ProgrammeTerms): IssuerNotEligible | null {
  const { eligibleIssuerIds, code } = terms;
  if (eligibleIssuerIds === null || eligibleIssuerIds.includes(merchantId)) return null;
  return { kind: 'IssuerNotEligible', programme: code, eligibleIssuerIds };
}

/** Grants points: one new lot, which first pays arrears once it is unlocked. */
export function earn(
  draft: Draft,
  command: EarnCommand,
): Posting | CommonRefusal | AlreadyPosted | IssuerNotEligible {
  const { memberId, merchantId, programme, points } = command;
  const terms = draft.view.terms(programme);
  const prices = draft.view.prices(merchantId, programme);
  if (!terms || !prices) return notFound('PROGRAMME', programme);
  const refusal =
    alreadyPosted(draft.view, 'EARN', merchantId, command.externalRef) ?? checkIssuer(merchantId, terms);
  if (refusal) return refusal;
  const walletId = walletIdOf(memberId, programme);
  advance(draft, walletId);
  noteActivity(draft, walletId);
  const lot = newLot(draft, command, terms, prices);
  const event = openEvent(draft, walletId);
  credit(event, issuerAccount(merchantId), -points);
  move(event, walletId, lot.unlocked ? 'available' : 'pending', points);
  allocate(event, lot, { points, remaining: points });
  if (lot.slideMonths !== null) beginSliding(draft, walletId);
  settle(event, walletId);
  return closeEvent(event, {
    kind: 'EARN',
    at: draft.now,
    points,
    merchantId,
    lotId: lot.id,
    lines: command.lines ?? [],
    externalRef: command.externalRef ?? null,
    campaignId: command.campaignId ?? null,
    keeper: keeperOf(command.caller),
    note: noteOf(command.note),
    reason: command.reason ?? null,
    effect: { issued: points, owedMilli: points * prices.issuePricePerThousand },
  });
}

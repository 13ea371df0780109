import { notFound } from '../../shared/refusal.ts';
import { issuerAccount, walletIdOf } from './account.ts';
import type { AlreadyPosted, CommonRefusal, EarnCommand } from './command.ts';
import type { Draft } from './draft.ts';
import { advance } from './due.ts';
import { allocate, closeEvent, credit, move, openEvent } from './event.ts';
import type { Lot } from './lot.ts';
import { noteOf } from './note.ts';
import { alreadyPosted } from './once.ts';
import { keeperOf, type Posting } from './posting.ts';
import { settle } from './spending.ts';
import { addDays, expiryOf, type MerchantPrices, type ProgrammeTerms } from './terms.ts';

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
    unlocked: terms.unlockAfterDays === 0,
    earnedAt: draft.now,
    unlocksAt: addDays(draft.now, terms.unlockAfterDays),
    expiresAt: expiryOf(draft.now, terms.validityMonths),
    campaignId: command.campaignId ?? null,
    ruleVersion: command.ruleVersion ?? null,
    termsVersion: terms.version,
    reinstatementDays: terms.reinstatementDays,
    issuePricePerThousand: prices.issuePricePerThousand,
    originLotId: null,
  };
}

/** Grants points: one new lot, which first pays arrears once it is unlocked. */
export function earn(draft: Draft, command: EarnCommand): Posting | CommonRefusal | AlreadyPosted {
  const { memberId, merchantId, programme, points } = command;
  const terms = draft.view.terms(programme);
  const prices = draft.view.prices(merchantId, programme);
  if (!terms || !prices) return notFound('PROGRAMME', programme);
  const earlier = alreadyPosted(draft.view, 'EARN', merchantId, command.externalRef);
  if (earlier) return earlier;
  const walletId = walletIdOf(memberId, programme);
  advance(draft, walletId);
  const lot = newLot(draft, command, terms, prices);
  const event = openEvent(draft, walletId);
  credit(event, issuerAccount(merchantId), -points);
  move(event, walletId, lot.unlocked ? 'available' : 'pending', points);
  allocate(event, lot, { points, remaining: points });
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

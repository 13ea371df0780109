import type { ModelLot, ModelWallet } from '../rules/ledger/reference-model.ts';
import { awaitedEvent } from '../rules/ledger/reference-terms.ts';
import { asService } from '../support/callers.ts';
import { type Act, agree, keyed, type Play, perform, pick } from './acting.ts';
import { expectSame } from './disagreement.ts';
import type { LotRow } from './records.ts';
import { operations } from './requests.ts';

const service = { of: 'accounts', caller: asService() } as const;

/** A service reserves points, as a saga does. */
export const hold: Act<'hold'> = async (play, { member, merchant, points, fault }) => {
  const memberId = play.cast.players[member]!.id;
  const merchantId = play.cast.merchants[merchant]!.id;
  const input = { ...keyed(play), memberId, merchantId, programme: 'SHARED', points };
  const answer = await perform(play, { ...service, operation: operations.holdPoints, input }, fault);
  const model = play.model.hold(memberId, points);
  agree(answer, typeof model === 'string' ? model : 'ok');
  if (typeof model !== 'string') play.holds.push({ id: answer.hold.id, model, points });
};

/** It takes some of what it reserved, or all. */
export const capture: Act<'capture'> = async (play, { which, part, fault }) => {
  const target = pick(play.holds, which);
  if (!target) return;
  const points = 1 + (part % target.points);
  const input = { ...keyed(play), holdId: target.id, points };
  const answer = await perform(play, { ...service, operation: operations.capturePoints, input }, fault);
  const made = agree(answer, play.model.capture(target.model, points));
  if (made)
    play.posted.push({ id: answer.hold.capturePostingId, model: made, reverser: asService(), lines: 0 });
};

/** It releases what it reserved. */
export const voidHold: Act<'void'> = async (play, { which, fault }) => {
  const target = pick(play.holds, which);
  if (!target) return;
  const input = { ...keyed(play), holdId: target.id };
  const answer = await perform(play, { ...service, operation: operations.voidHold, input }, fault);
  agree(answer, play.model.void(target.model));
};

/** Whoever granted points reports what they wait for. */
export const unlock: Act<'unlock'> = async (play, { which, fault }) => {
  const target = pick(
    play.posted.filter(({ model }) => model.what === 'earn'),
    which,
  );
  if (!target) return;
  const input = { ...keyed(play), postingId: target.id, event: awaitedEvent };
  const caller = target.reverser;
  const answer = await perform(
    play,
    { ...service, caller, operation: operations.unlockPoints, input },
    fault,
  );
  agree(answer, play.model.unlockNow(target.model));
};

/** Some points of a payment come back. */
export const reversePoints: Act<'reversePoints'> = async (play, { which, points, fault }) => {
  const target = pick(
    play.posted.filter(({ model }) => model.what === 'spend'),
    which,
  );
  if (!target) return;
  const input = { ...keyed(play), postingId: target.id, reason: 'simulated', points };
  const request = {
    of: 'accounts',
    caller: target.reverser,
    operation: operations.reversePosting,
    input,
  } as const;
  agree(await perform(play, request, fault), play.model.reverse(target.model, null, points));
};

/** Many earns in one request, some of one member. */
export const issueBatch: Act<'issueBatch'> = async (play, { merchant, items, fault }) => {
  const { caller } = play.cast.merchants[merchant]!;
  const sent = items.map(({ member, points }) => ({
    ...keyed(play),
    member: { reference: play.cast.players[member]!.reference },
    points,
    externalRef: `receipt-${play.sent}`,
  }));
  const request = {
    of: 'accounts',
    caller,
    operation: operations.issuePointsBatch,
    input: { items: sent },
  } as const;
  const { results } = await perform(play, request, fault);
  expectSame('results of a batch', results.length, items.length);
  for (const [i, { member, points }] of items.entries()) {
    const model = play.model.earn(play.cast.players[member]!.id, new Map([['all', points]]));
    const made = agree(results[i], model)!;
    play.posted.push({ id: results[i].posting.id, model: made, reverser: caller, lines: 0 });
  }
};

/** The lots of the model in the order in which they came to be, which is that of the ids of those stored. */
function lotsOf(
  play: Play,
): { readonly wallet: ModelWallet; readonly lot: ModelLot; readonly owner: string }[] {
  return [...play.model.wallets]
    .flatMap(([owner, wallet]) => wallet.lots.map((lot) => ({ owner, wallet, lot })))
    .sort((a, b) => a.lot.made - b.lot.made);
}

/** A member wants back what expired of a lot. */
export const restore: Act<'restore'> = async (play, { which, fault }) => {
  const stored: LotRow[] = (await play.world.records.allLots()).sort((a, b) => (a._id < b._id ? -1 : 1));
  const modelled = lotsOf(play);
  expectSame('lots that ever were', stored.length, modelled.length);
  // Mostly one of those of which something did expire, and not long ago. What expired in a pool is nobody's to restore.
  const own = modelled.flatMap(({ lot }, i) => (lot.contributor === null ? [i] : []));
  const expiredAt = (i: number): number => modelled[i]!.lot.expiredAt ?? 0;
  const expired = own.filter((i) => modelled[i]!.lot.expired > 0).sort((a, b) => expiredAt(a) - expiredAt(b));
  const index = pick(expired.length > 0 && which % 5 !== 0 ? expired : own, which);
  if (index === undefined) return;
  const { owner, wallet, lot } = modelled[index]!;
  const { caller } = play.cast.players.find(({ id }) => id === owner)!;
  const input = { ...keyed(play), lotId: stored[index]!._id };
  const request = { of: 'accounts', caller, operation: operations.restoreLot, input } as const;
  agree(await perform(play, request, fault), play.model.restore(wallet, lot));
};

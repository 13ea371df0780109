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
  await perform(play, { ...service, operation: operations.holdPoints, input }, fault, (answer) => {
    const model = play.model.hold(memberId, points);
    agree(answer, typeof model === 'string' ? model : 'ok');
    if (typeof model !== 'string') play.holds.push({ id: answer.hold.id, model, points });
  });
};

/** It takes some of what it reserved, or all. */
export const capture: Act<'capture'> = async (play, { which, part, fault }) => {
  const target = pick(play.holds, which);
  if (!target) return;
  const points = 1 + (part % target.points);
  const input = { ...keyed(play), holdId: target.id, points };
  await perform(play, { ...service, operation: operations.capturePoints, input }, fault, (answer) => {
    const made = agree(answer, play.model.capture(target.model, points));
    if (made)
      play.posted.push({ id: answer.hold.capturePostingId, model: made, reverser: asService(), lines: 0 });
  });
};

/** It releases what it reserved. */
export const voidHold: Act<'void'> = async (play, { which, fault }) => {
  const target = pick(play.holds, which);
  if (!target) return;
  const input = { ...keyed(play), holdId: target.id };
  await perform(play, { ...service, operation: operations.voidHold, input }, fault, (answer) => {
    agree(answer, play.model.void(target.model));
  });
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
  const request = { ...service, caller, operation: operations.unlockPoints, input };
  await perform(play, request, fault, (answer) => {
    agree(answer, play.model.unlockNow(target.model));
  });
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
  await perform(play, request, fault, (answer) => {
    agree(answer, play.model.reverse(target.model, null, points));
  });
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
  await perform(play, request, fault, ({ results }) => {
    expectSame('results of a batch', results.length, items.length);
    for (const [i, { member, points }] of items.entries()) {
      const { id } = play.cast.players[member]!;
      const made = agree(results[i], play.model.issue(merchant, id, new Map([['all', points]])));
      if (made) play.posted.push({ id: results[i].posting.id, model: made, reverser: caller, lines: 0 });
    }
  });
};

/** A lot in a member's wallet or a pool, in the model and as it is stored. */
interface Known {
  readonly owner: string;
  readonly wallet: ModelWallet;
  readonly lot: ModelLot;
  readonly row: LotRow;
}

/**
 * The lots of members' wallets and of pools that are stored. In each they came to be in the order of the model; the latest may
 * not be written yet, where they came back by something that fell due.
 */
function knownLots(play: Play, rows: readonly LotRow[]): Known[] {
  return [...play.cast.players.map(({ id }) => id), ...play.homes.keys()].flatMap((holder) => {
    const wallet = play.homes.get(holder)?.pool ?? play.model.wallet(holder);
    const lots = wallet.lots.toSorted((a, b) => a.made - b.made);
    const stored = rows.filter((row) => row.walletId === `wal_${holder}_SHARED`);
    expectSame('lots that nobody gave', stored.length > lots.length, false);
    return stored
      .sort((a, b) => (a._id < b._id ? -1 : 1))
      .map((row, i) => ({ owner: lots[i]!.contributor ?? holder, wallet, lot: lots[i]!, row }));
  });
}

/** A member wants back what expired of a lot. */
export const restore: Act<'restore'> = async (play, { which, fault }) => {
  // Mostly one of those of which something did expire, and not long ago.
  const known = knownLots(play, await play.world.records.allLots());
  const expired = known
    .filter(({ lot }) => lot.expired > 0)
    .sort((a, b) => (a.lot.expiredAt ?? 0) - (b.lot.expiredAt ?? 0));
  const found = pick(expired.length > 0 && which % 5 !== 0 ? expired : known, which);
  if (!found) return;
  const { owner, wallet, lot, row } = found;
  const { caller } = play.cast.players.find(({ id }) => id === owner)!;
  const input = { ...keyed(play), lotId: row._id };
  const request = { of: 'accounts', caller, operation: operations.restoreLot, input } as const;
  await perform(play, request, fault, (answer) => {
    agree(answer, play.model.restore(wallet, lot));
  });
};

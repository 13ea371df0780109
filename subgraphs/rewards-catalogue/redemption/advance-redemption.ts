import type { CataloguePorts } from '../ports.ts';
import { rewardReasons, type WhyNot } from '../reward/availability.ts';
import { expiryAfter } from '../voucher/voucher.ts';
import { newVoucherCode } from '../voucher/voucher-code.ts';
import type { Failure, Redemption, Step } from './redemption.ts';
import type { RedemptionChanges } from './redemption-store.ts';

/**
 * Moves a redemption on, step by step, until it rests. Each step can be done again and only the first to record it
 * counts, so any number of processes may advance one record at once and any of them may die at any point.
 * Throws ServiceUnavailable where accounts gives no answer: the record stays where it is, to be advanced later.
 */
export async function advanceRedemption(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  let current = record;
  while (current.step !== null) current = await takeStep(ports, current, current.step);
  return current;
}

function takeStep(ports: CataloguePorts, record: Redemption, step: Step): Promise<Redemption> {
  switch (step) {
    case 'RESERVE':
      return reserve(ports, record);
    case 'HOLD':
      return hold(ports, record);
    case 'ISSUE':
      return issueVoucher(ports, record);
    case 'CAPTURE':
      return capture(ports, record);
    case 'UNDO':
      return undo(ports, record);
    case 'REVERSE':
      return reverse(ports, record);
    case 'RETURN':
      return returnToStock(ports, record);
  }
}

async function read({ redemptions }: Pick<CataloguePorts, 'redemptions'>, id: string): Promise<Redemption> {
  const found = await redemptions.find(id);
  if (!found) throw new Error(`redemption ${id} is gone`);
  return found;
}

/** Records a step; where another process recorded it first, gives what that one made of the record. */
const move = async (
  ports: Pick<CataloguePorts, 'redemptions'>,
  { id }: Redemption,
  from: Step,
  changes: RedemptionChanges,
): Promise<Redemption> => (await ports.redemptions.move(id, from, changes)) ?? (await read(ports, id));

const failed = (failure: Failure): RedemptionChanges => ({
  status: 'FAILED',
  step: null,
  reserved: false,
  request: null,
  failure,
});

/** Records a step together with what it changes elsewhere: all or nothing, and only if the record still is where it was. */
const moveWith = (
  ports: CataloguePorts,
  record: Redemption,
  from: Step,
  changes: RedemptionChanges,
  work: (moved: Redemption) => Promise<Redemption>,
): Promise<Redemption> =>
  ports.transaction(async () => {
    const moved = await ports.redemptions.move(record.id, from, changes);
    return moved ? work(moved) : read(ports, record.id);
  });

const isLimited = ({ stocked, limitPerMember }: Redemption): boolean => stocked || limitPerMember !== null;

const unavailable = (whyNot: readonly WhyNot[]) => failed({ kind: 'RewardUnavailable', whyNot });

/** Work on one reward waits its turn, as its transactions would only run into one another. */
async function reserve(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const reserved: RedemptionChanges = { step: 'HOLD', reserved: true };
  if (!isLimited(record)) return move(ports, record, 'RESERVE', reserved);
  return ports.inTurn(record.rewardId, async () => {
    // Of many who come at once most come for what is gone by their turn: telling them so needs no transaction.
    const gone = await reasonsIfGone(ports, record);
    if (gone.length > 0) return move(ports, record, 'RESERVE', unavailable(gone));
    return moveWith(ports, record, 'RESERVE', reserved, async (moved) => {
      const whyNot = await takeFromStock(ports, moved);
      return whyNot.length === 0 ? moved : move(ports, moved, 'HOLD', unavailable(whyNot));
    });
  });
}

async function reasonsIfGone(ports: CataloguePorts, record: Redemption): Promise<WhyNot[]> {
  const { rewardId, memberId, stocked, requestedAt } = record;
  const reward = stocked ? await ports.rewards.find(rewardId) : null;
  if (reward?.stock !== 0) return [];
  const [taken] = await ports.redemptions.countReserved([{ rewardId, memberId }]);
  return rewardReasons(reward, { now: requestedAt, taken: taken! });
}

/**
 * Takes one from the reward, or tells every reason why not. Taking one touches the reward, so that of two transactions
 * that count what the same member has, only one can commit.
 */
async function takeFromStock(ports: CataloguePorts, record: Redemption): Promise<WhyNot[]> {
  const { rewardId, memberId, stocked, limitPerMember, requestedAt } = record;
  const left = await ports.rewards.takeOne(rewardId, stocked);
  if (left && limitPerMember === null) return [];
  const [withThisOne] = await ports.redemptions.countReserved([{ rewardId, memberId }]);
  if (left && withThisOne! <= limitPerMember!) return [];
  if (left) await ports.rewards.giveBack(rewardId, stocked);
  const reward = await ports.rewards.find(rewardId);
  return rewardReasons(reward!, { now: requestedAt, taken: withThisOne! - 1 });
}

async function hold(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const { id, memberId, merchantId, programme, points, actor } = record;
  const answer = await ports.accounts.holdPoints(
    {
      idempotencyKey: `redemption:${id}:hold`,
      memberId,
      merchantId,
      programme,
      points,
      reason: `reward ${record.rewardId}`,
      ...(record.fromHousehold ? { fromHousehold: true as const } : {}),
    },
    actor,
  );
  switch (answer.kind) {
    case 'Held':
      return keepHold(ports, record, answer.holdId);
    case 'NotInHousehold':
    case 'HouseholdLimitExceeded':
    case 'NotEnoughPoints':
    case 'NotFound':
      return move(ports, record, 'HOLD', { step: 'UNDO', failure: answer });
  }
}

/** A refusal told to another attempt may have ended the record before the points were there: then nobody needs the hold. */
async function keepHold(ports: CataloguePorts, record: Redemption, holdId: string): Promise<Redemption> {
  const kept = await move(ports, record, 'HOLD', { step: 'ISSUE', holdId });
  if (kept.holdId !== holdId) await ports.accounts.voidHold(holdId, `redemption:${record.id}:void`);
  return kept;
}

async function issueVoucher(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const { id, rewardId, memberId, merchantId, seenBy, voucherValue, voucherValidityDays } = record;
  const issuedAt = ports.clock.now();
  const expiresAt = expiryAfter(issuedAt, voucherValidityDays);
  let outcome: 'INSERTED' | 'CODE_TAKEN' | 'ALREADY_ISSUED';
  do {
    outcome = await ports.vouchers.insert({
      id: ports.newId('vou'),
      code: newVoucherCode(ports.random),
      redemptionId: id,
      rewardId,
      memberId,
      merchantId,
      seenBy,
      value: voucherValue,
      state: 'RESERVED',
      issuedAt,
      expiresAt,
      consumption: null,
    });
  } while (outcome === 'CODE_TAKEN');
  return move(ports, record, 'ISSUE', { step: 'CAPTURE' });
}

async function capture(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const { id, holdId, rewardId } = record;
  const reward = await ports.rewards.find(rewardId);
  const answer = await ports.accounts.capturePoints(holdId!, `redemption:${id}:capture`, reward);
  if (answer.kind === 'Released')
    return move(ports, record, 'CAPTURE', { step: 'UNDO', failure: { kind: 'HoldReleased' } });
  const confirmedAt = ports.clock.now();
  return ports.transaction(async () => {
    const confirmed = await ports.redemptions.move(id, 'CAPTURE', {
      status: 'CONFIRMED',
      step: null,
      confirmedAt,
      capturePostingId: answer.postingId,
    });
    if (!confirmed) return read(ports, id);
    await ports.vouchers.activate(id);
    return confirmed;
  });
}

async function undo(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const { id, holdId } = record;
  if (holdId !== null) {
    const answer = await ports.accounts.voidHold(holdId, `redemption:${id}:void`);
    // Nothing is undone that was paid for: with the points taken after all, it goes forward.
    if (answer.kind === 'Captured') return move(ports, record, 'UNDO', { step: 'CAPTURE', failure: null });
  }
  return ports.inTurn(record.rewardId, () =>
    moveWith(ports, record, 'UNDO', failed(record.failure!), async (moved) => {
      await ports.vouchers.withdraw(id);
      return giveBack(ports, moved);
    }),
  );
}

async function giveBack(ports: CataloguePorts, moved: Redemption): Promise<Redemption> {
  if (isLimited(moved)) await ports.rewards.giveBack(moved.rewardId, moved.stocked);
  return moved;
}

async function reverse(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const { id, capturePostingId, cancellation } = record;
  await ports.accounts.reversePosting(capturePostingId!, `redemption:${id}:reverse`, cancellation!.reason);
  return move(ports, record, 'REVERSE', { step: 'RETURN' });
}

function returnToStock(ports: CataloguePorts, record: Redemption): Promise<Redemption> {
  const cancelledAt = ports.clock.now();
  const changes = { status: 'CANCELLED', step: null, reserved: false, cancelledAt } as const;
  return ports.inTurn(record.rewardId, () =>
    moveWith(ports, record, 'RETURN', changes, (moved) => giveBack(ports, moved)),
  );
}

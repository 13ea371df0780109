import { walletIdOf } from './account.ts';
import type {
  AdvanceCommand,
  Command,
  HoldCommand,
  RedeemCommand,
  RestoreCommand,
  UnlockCommand,
} from './command.ts';
import { idempotencyKeyId, referenceKeyId } from './view.ts';
import { householdHolder, memberHolder, type WalletHolder } from './wallet.ts';

/** What a command needs of a wallet's lots: none but those it names; some to take points from; more of them; or all. */
export type Need = 'NONE' | 'SPEND' | 'MORE' | 'ALL';

/** Whose wallet it is: what a wallet that was never written is made of. */
export interface WalletOwner extends WalletHolder {
  readonly programme: string;
}

/** What a batch of commands needs, as far as the commands themselves tell. */
export interface BatchNeeds {
  readonly wallets: Map<string, Need>;
  readonly owners: Map<string, WalletOwner>;
  readonly keys: Set<string>;
  readonly postings: Set<string>;
  readonly holds: Set<string>;
  readonly cases: Set<string>;
  readonly lots: Set<string>;
  /** Earns whose lots are to be unlocked, by their ids or the keys of their references. */
  readonly unlocked: Set<string>;
  /** Postings whose reversals count. */
  readonly reversed: Set<string>;
  readonly programmes: Set<string>;
  /** Households whose pools are concerned. */
  readonly households: Set<string>;
  /** Merchants by programme. */
  readonly prices: Map<string, { merchantId: string; programme: string }>;
}

const rank: Record<Need, number> = { NONE: 0, SPEND: 1, MORE: 2, ALL: 3 };

/** Adds a need for a wallet; the greater one counts. */
export function needWallet(needs: BatchNeeds, walletId: string, need: Need, owner?: WalletOwner): void {
  const known = needs.wallets.get(walletId);
  if (known === undefined || rank[need] > rank[known]) needs.wallets.set(walletId, need);
  if (owner) needs.owners.set(walletId, owner);
}

function needMember(needs: BatchNeeds, memberId: string, programme: string, need: Need): void {
  needWallet(needs, walletIdOf(memberId, programme), need, { ...memberHolder(memberId), programme });
  needs.programmes.add(programme);
}

/** A pool is needed with all its lots: which of them may pay depends on who belongs to the household. */
function needPool(needs: BatchNeeds, householdId: string, programme: string): void {
  const owner = { ...householdHolder(householdId), programme };
  needWallet(needs, walletIdOf(householdId, programme), 'ALL', owner);
  needs.households.add(householdId);
  needs.programmes.add(programme);
}

/** The wallet that a payment takes from: the member's or its household's pool, and none where it has no household. */
function needPurse(needs: BatchNeeds, { memberId, programme, pool }: RedeemCommand | HoldCommand): void {
  needs.programmes.add(programme);
  if (!pool) needMember(needs, memberId, programme, 'SPEND');
  else if (pool.householdId !== null) needPool(needs, pool.householdId, programme);
}

function needMerchant(needs: BatchNeeds, merchantId: string, programme: string): void {
  needs.prices.set(`${merchantId}|${programme}`, { merchantId, programme });
}

function needEarn(needs: BatchNeeds, { postingId, externalRef, merchantId }: UnlockCommand): void {
  if (typeof postingId === 'string') {
    needs.postings.add(postingId);
    needs.unlocked.add(postingId);
  } else if (typeof externalRef === 'string' && merchantId !== null) {
    const key = referenceKeyId('EARN', merchantId, externalRef);
    needs.keys.add(key);
    needs.unlocked.add(key);
  }
}

function needRestored(needs: BatchNeeds, { memberId, householdId, programme, lotId }: RestoreCommand): void {
  needMember(needs, memberId, programme, 'NONE');
  if (householdId !== null) needPool(needs, householdId, programme);
  needs.lots.add(lotId);
}

function needOf(needs: BatchNeeds, command: Command | AdvanceCommand): void {
  switch (command.kind) {
    case 'EARN':
    case 'REDEEM': {
      const { kind, merchantId, programme, externalRef } = command;
      if (kind === 'EARN') needMember(needs, command.memberId, programme, 'NONE');
      else needPurse(needs, command);
      needMerchant(needs, merchantId, programme);
      if (typeof externalRef === 'string') needs.keys.add(referenceKeyId(kind, merchantId, externalRef));
      break;
    }
    case 'HOLD':
      needPurse(needs, command);
      needMerchant(needs, command.merchantId, command.programme);
      break;
    case 'DONATE':
      needMember(needs, command.memberId, command.programme, 'SPEND');
      break;
    case 'TRANSFER':
      needMember(needs, command.memberId, command.programme, 'SPEND');
      needMember(needs, command.toMemberId, command.programme, 'NONE');
      break;
    case 'CONTRIBUTE':
      needMember(needs, command.memberId, command.programme, 'SPEND');
      if (command.householdId !== null) needPool(needs, command.householdId, command.programme);
      break;
    case 'CAPTURE':
    case 'VOID':
      needs.holds.add(command.holdId);
      break;
    case 'DECLINE':
    case 'REVERSE':
      needs.reversed.add(command.postingId);
      needs.postings.add(command.postingId);
      break;
    case 'UNLOCK':
      needEarn(needs, command);
      break;
    case 'RESTORE':
      needRestored(needs, command);
      break;
    case 'CASE':
      if (command.act.type === 'OPEN') needMember(needs, command.act.memberId, command.act.programme, 'NONE');
      else needs.cases.add(command.act.caseId);
      break;
    case 'CLOSE':
      for (const programme of command.programmes) needMember(needs, command.memberId, programme, 'ALL');
      for (const { householdId, programme } of command.pools) needPool(needs, householdId, programme);
      break;
    case 'ADVANCE':
      needWallet(needs, command.walletId, 'ALL');
  }
}

/** What commands need, as far as they tell; wallets in `wide` with more of their lots than that, or all. */
export function needsOf(
  commands: readonly (Command | AdvanceCommand)[],
  wide: ReadonlyMap<string, Need>,
): BatchNeeds {
  const needs: BatchNeeds = {
    wallets: new Map(),
    owners: new Map(),
    keys: new Set(),
    postings: new Set(),
    holds: new Set(),
    cases: new Set(),
    lots: new Set(),
    unlocked: new Set(),
    reversed: new Set(),
    programmes: new Set(),
    households: new Set(),
    prices: new Map(),
  };
  for (const command of commands) {
    if (command.kind !== 'ADVANCE') needs.keys.add(idempotencyKeyId(command.caller, command.idempotencyKey));
    if (!('missing' in command && command.missing)) needOf(needs, command);
  }
  for (const [walletId, need] of wide) needWallet(needs, walletId, need);
  return needs;
}

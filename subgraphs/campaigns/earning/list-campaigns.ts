import type { Caller } from '../../shared/caller.ts';
import {
  type ConnectionOf,
  type PageArguments,
  readPage,
  readTimedPage,
  toConnection,
} from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import type { MemberRef } from '../references.ts';
import type { Campaign, CampaignStatus } from './campaign.ts';
import type { CampaignStore, DraftsOf } from './campaign-store.ts';

/** What reading campaigns needs. */
export interface ListCampaignsPorts {
  readonly campaigns: Pick<CampaignStore, 'page' | 'running'>;
  readonly clock: Clock;
}

/** Which campaigns are asked for. */
export interface CampaignQuery extends PageArguments {
  readonly filter?:
    | { readonly status?: CampaignStatus | null; readonly merchantId?: string | null }
    | null
    | undefined;
}

function draftsOf(caller: Caller): DraftsOf {
  if (caller.kind === 'OPERATOR' || caller.kind === 'AUDITOR') return { kind: 'ALL' };
  return caller.kind === 'MERCHANT' ? { kind: 'MERCHANT', id: caller.merchantId } : { kind: 'NONE' };
}

/** True if the caller may know of a campaign: of a draft only its own merchant, the operator and auditors. */
export function maySee(caller: Caller, campaign: Campaign): boolean {
  if (campaign.publishedAt !== null) return true;
  const drafts = draftsOf(caller);
  return drafts.kind === 'ALL' || (drafts.kind === 'MERCHANT' && drafts.id === campaign.merchantId);
}

/** Campaigns by start, newest first; those that run now if no status is asked for. */
export async function listCampaigns(
  ports: ListCampaignsPorts,
  caller: Caller,
  query: CampaignQuery,
): Promise<ConnectionOf<Campaign>> {
  const page = readTimedPage(query, 1);
  const selection = {
    status: query.filter?.status ?? 'RUNNING',
    merchantId: query.filter?.merchantId ?? null,
    drafts: draftsOf(caller),
    now: ports.clock.now(),
  } as const;
  const rows = await ports.campaigns.page(selection, page);
  return toConnection(rows, page.first, ({ startsAt, id }) => [startsAt.toISOString(), id]);
}

/**
 * Campaigns that a member can take part in now: the coalition's, and those of the merchants that registered it. To a
 * merchant only its own of these: the others would tell where else the member buys.
 */
export function runningForMember(
  ports: ListCampaignsPorts,
  caller: Caller,
  { registeredBy }: MemberRef,
  args: PageArguments,
): Promise<Campaign[]> {
  const { first } = readPage(args, 2);
  const merchants =
    caller.kind === 'MERCHANT' ? registeredBy.filter((id) => id === caller.merchantId) : registeredBy;
  return ports.campaigns.running([null, ...merchants], ports.clock.now(), first);
}

/** A merchant's own campaigns that run now. */
export function runningOfMerchant(
  ports: ListCampaignsPorts,
  merchantId: string,
  args: PageArguments,
): Promise<Campaign[]> {
  const { first } = readPage(args, 2);
  return ports.campaigns.running([merchantId], ports.clock.now(), first);
}

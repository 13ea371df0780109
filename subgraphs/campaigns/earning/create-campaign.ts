import { type Caller, callerName } from '../../shared/caller.ts';
import { inputHash, isIdempotencyKey } from '../../shared/idempotency.ts';
import type { NewId } from '../../shared/ids.ts';
import { type IdempotencyConflict, type InvalidInput, notFound } from '../../shared/refusal.ts';
import type { AccountsPort } from '../accounts-port.ts';
import { firstInvalid, must, type NotFound } from '../refusals.ts';
import type { Campaign } from './campaign.ts';
import { type CampaignDraft, checkCampaignDraft, toRule } from './campaign-input.ts';
import type { CampaignStore } from './campaign-store.ts';

/** The input of createCampaign; see the schema. */
export interface CreateCampaign extends CampaignDraft {
  readonly idempotencyKey: string;
  readonly merchantId?: string | null | undefined;
  readonly programme?: string | null | undefined;
}

/** What creating a campaign needs. */
export interface CreateCampaignPorts {
  readonly campaigns: Pick<CampaignStore, 'insert' | 'byKey'>;
  readonly accounts: Pick<AccountsPort, 'merchantCurrency' | 'programmeExists'>;
  readonly newId: NewId;
}

/** What came of it. */
export type CampaignCreation =
  | { readonly kind: 'CREATED'; readonly campaign: Campaign }
  | InvalidInput
  | IdempotencyConflict
  | NotFound;

function toCampaign(id: string, merchantId: string | null, input: CreateCampaign): Campaign {
  const { name, programme, startsAt, endsAt, rules, terms } = input;
  return {
    id,
    name,
    merchantId,
    programme: programme ?? 'SHARED',
    startsAt,
    endsAt: endsAt ?? null,
    rules: rules.map(toRule),
    terms: {
      earning: terms?.earning ?? '',
      accrualBase: terms?.accrualBase ?? '',
      exclusions: terms?.exclusions ?? '',
      contact: terms?.contact ?? '',
    },
    version: 1,
    publishedAt: null,
  };
}

const keyInvalid = (input: CreateCampaign): InvalidInput | null =>
  firstInvalid([
    must(isIdempotencyKey(input.idempotencyKey), 'input.idempotencyKey', '1 to 200 visible ASCII characters'),
  ]);

/** A merchant's campaign is its own where it names nobody; the operator's is then for all merchants. */
const ownerOf = (caller: Caller, input: CreateCampaign): string | null =>
  input.merchantId ?? (caller.kind === 'MERCHANT' ? caller.merchantId : null);

async function missing(
  ports: CreateCampaignPorts,
  caller: Caller,
  campaign: Campaign,
): Promise<NotFound | null> {
  const { merchantId, programme } = campaign;
  if (merchantId !== null) {
    const foreign = caller.kind === 'MERCHANT' && caller.merchantId !== merchantId;
    if (foreign || (await ports.accounts.merchantCurrency(merchantId)) === null)
      return notFound('MERCHANT', merchantId);
  }
  return (await ports.accounts.programmeExists(programme)) ? null : notFound('PROGRAMME', programme);
}

/** Keeps a draft of a campaign. The same key and input again give the same draft. */
export async function createCampaign(
  ports: CreateCampaignPorts,
  caller: Caller,
  input: CreateCampaign,
): Promise<CampaignCreation> {
  const fault = keyInvalid(input) ?? checkCampaignDraft(input);
  if (fault) return fault;
  const { idempotencyKey } = input;
  const key = { caller: callerName(caller), idempotencyKey, inputHash: inputHash(input) };
  const before = async (): Promise<CampaignCreation | null> => {
    const known = await ports.campaigns.byKey(key.caller, idempotencyKey);
    if (!known) return null;
    if (known.inputHash !== key.inputHash) return { kind: 'IdempotencyConflict', idempotencyKey };
    return { kind: 'CREATED', campaign: known.campaign };
  };
  const known = await before();
  if (known) return known;
  const campaign = toCampaign(ports.newId('cam'), ownerOf(caller, input), input);
  const lacking = await missing(ports, caller, campaign);
  if (lacking) return lacking;
  if (await ports.campaigns.insert(campaign, key)) return { kind: 'CREATED', campaign };
  return (await before())!;
}

import { GraphQLError } from 'graphql';
import type { Caller } from '../../shared/caller.ts';
import type { Log } from '../../shared/log.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import { ServiceUnavailable } from '../../shared/service-client.ts';
import type { IssuerNotEligible } from '../refusals.ts';
import type { QueryPurchaseArgs, Resolvers } from '../resolver-types.ts';
import { Unsettled } from './attempts.ts';
import {
  type FindPurchasesPorts,
  findPurchase,
  type PurchaseName,
  purchasesOfMember,
} from './find-purchases.ts';
import type { Purchase } from './purchase.ts';
import {
  type MerchantCaller,
  type PurchaseRecording,
  type RecordPurchasePorts,
  recordPurchase,
} from './record-purchase.ts';
import { type RecordReturnPorts, type ReturnRecording, recordReturn } from './record-return.ts';
import type { NothingToReturn } from './return.ts';

/** What the resolvers of purchases need. */
export type PurchasePorts = RecordPurchasePorts &
  RecordReturnPorts &
  FindPurchasesPorts & { readonly log: Pick<Log, 'warn'> };

const bad = (message: string) => new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

function nameOf(caller: Caller, { id, externalRef }: Partial<QueryPurchaseArgs>): PurchaseName {
  if (id && externalRef) throw bad('purchase: id or externalRef, not both');
  if (id) return { by: 'ID', id };
  if (!externalRef) throw bad('purchase: id or externalRef is needed');
  if (caller.kind !== 'MERCHANT') throw bad("purchase: externalRef is a merchant's own; use id");
  return { by: 'REF', merchantId: caller.merchantId, externalRef };
}

/** The schema lets only merchants call these mutations. */
function merchant(caller: Caller): MerchantCaller {
  if (caller.kind !== 'MERCHANT') throw new Error(`a ${caller.kind} got to a till's mutation`);
  return caller;
}

/** The merchant that sees a purchase of its own knows its member: it resolved it when the purchase was made. */
const memberOf = (purchase: Purchase) => ({ id: purchase.memberId, registeredBy: [purchase.merchantId] });

const conflict = (purchase: Purchase) => ({
  __typename: 'PurchaseConflict' as const,
  code: 'PURCHASE_CONFLICT',
  message: 'The external reference was recorded before with another content.',
  purchase,
});

const nothingToReturn = ({ lineId, returnable }: NothingToReturn) => ({
  __typename: 'NothingToReturn' as const,
  code: 'NOTHING_TO_RETURN',
  message:
    lineId === null
      ? 'Everything was returned before.'
      : `Of line ${lineId} only ${returnable} can still be returned.`,
  lineId,
  returnable,
});

const issuerNotEligible = ({ kind: code, message, programme, eligibleIssuerIds }: IssuerNotEligible) => ({
  __typename: 'IssuerNotEligible' as const,
  code,
  message,
  programme: { code: programme },
  eligibleIssuers: eligibleIssuerIds.map((id) => ({ id })),
});

function toRecording(result: PurchaseRecording) {
  switch (result.kind) {
    case 'RECORDED': {
      const { purchase, replayed } = result;
      return { __typename: 'PurchaseRecorded' as const, purchase, member: memberOf(purchase), replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(result);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(result);
    case 'NotFound':
      return answerNotFound(result);
    case 'PURCHASE_CONFLICT':
      return conflict(result.purchase);
    case 'ISSUER_NOT_ELIGIBLE':
      return issuerNotEligible(result);
  }
}

function toReturning(result: ReturnRecording) {
  switch (result.kind) {
    case 'RETURNED': {
      const { purchase, returned, replayed } = result;
      const member = memberOf(purchase);
      return { __typename: 'ReturnRecorded' as const, purchase, return: returned, member, replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(result);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(result);
    case 'NotFound':
      return answerNotFound(result);
    case 'NOTHING_TO_RETURN':
      return nothingToReturn(result);
    case 'PURCHASE_CONFLICT':
      return conflict(result.purchase);
    case 'POINTS_SPENT': {
      const { kind: code, ...refusal } = result;
      return { __typename: 'PointsSpent' as const, code, ...refusal };
    }
  }
}

const posting = (postingId: string | null) => (postingId === null ? null : { id: postingId });

/** Points count once they are posted: a purchase that still waits for the ledger shows none. */
const posted = (purchase: Purchase, points: bigint): bigint => (purchase.state === 'RECORDED' ? points : 0n);

const fields = (ports: PurchasePorts) =>
  ({
    Purchase: {
      __resolveReference: ({ id }, { caller }) => findPurchase(ports, caller, { by: 'ID', id }),
      merchant: ({ merchantId }) => ({ id: merchantId }),
      member: memberOf,
      total: ({ totalMinor, currency }) => ({ amountMinor: totalMinor, currency }),
      points: (purchase) => posted(purchase, purchase.points),
      lines: (purchase) =>
        purchase.lines.map(({ amountMinor, ...line }) => ({
          ...line,
          amount: { amountMinor, currency: purchase.currency },
          points: posted(purchase, line.points),
        })),
      posting: ({ postingId }) => posting(postingId),
      returns: ({ id }, _, { loaders }) => loaders.returns.load(id),
    },
    RuleOutcome: {
      campaign: async ({ campaignId }, _, { loaders }) => {
        const campaign = await loaders.campaigns.load(campaignId);
        if (!campaign) throw new Error(`campaign ${campaignId} of a recorded outcome is gone`);
        return campaign;
      },
    },
    PurchaseReturn: { posting: ({ postingId }) => posting(postingId) },
  }) satisfies Resolvers;

/** Records something. Where accounts gives no answer, the till is told that sending the same again carries on. */
async function record<T>({ log }: PurchasePorts, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ServiceUnavailable || error instanceof Unsettled)) throw error;
    log.warn({ err: error }, 'a purchase or return was not finished');
    throw new GraphQLError(
      'This could not be finished now. Nothing is lost: send the same request again to carry on.',
      { extensions: { code: 'SERVICE_UNAVAILABLE' } },
    );
  }
}

/** Resolvers of purchases and returns. */
export const purchaseResolvers = (ports: PurchasePorts) =>
  ({
    ...fields(ports),
    Query: {
      purchase: (_, args, { caller }) => findPurchase(ports, caller, nameOf(caller, args)),
    },
    Mutation: {
      recordPurchase: async (_, { input }, { caller }) =>
        toRecording(await record(ports, () => recordPurchase(ports, merchant(caller), input))),
      recordReturn: async (_, { input }, { caller }) =>
        toReturning(await record(ports, () => recordReturn(ports, merchant(caller), input))),
    },
    Member: {
      purchases: (member, args, { caller }) => purchasesOfMember(ports, caller, member.id, args),
    },
  }) satisfies Resolvers;

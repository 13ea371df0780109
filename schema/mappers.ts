import type { SubgraphName } from './subgraphs.ts';

/**
 * Which TypeScript type a resolver gets and gives for a GraphQL type, by subgraph: `./file.ts#Type`, seen from the
 * subgraph's folder. Types not named here are given as the schema has them.
 */
export const mappers: Record<SubgraphName, Record<string, string>> = {
  accounts: {
    Viewer: '../shared/caller.ts#Caller',
    Member: './membership/member.ts#Member as MemberModel',
    Merchant: './merchant/merchant.ts#Merchant as MerchantModel',
    MerchantConnection: './context.ts#MerchantConnection as MerchantConnectionModel',
    MerchantPrice: './merchant/price.ts#MerchantPrice as MerchantPriceModel',
    Programme: './programme/programme.ts#Programme as ProgrammeModel',
    Wallet: './ledger/views.ts#WalletView',
    Lot: './ledger/lot.ts#Lot as LotModel',
    LotConnection: './ledger/views.ts#LotConnection as LotConnectionModel',
    Posting: './ledger/views.ts#PostingView',
    PostingConnection: './ledger/views.ts#PostingConnection as PostingConnectionModel',
    Allocation: './ledger/posting.ts#Allocation as AllocationModel',
    Hold: './ledger/hold.ts#Hold as HoldModel',
    MerchantPosition: './ledger/views.ts#MerchantPositionView',
    Positions: './ledger/views.ts#PositionsView',
    Statement: './statement/statement-view.ts#StatementView',
    ProgrammeStatement: './statement/record.ts#ProgrammeRecord',
    StatementLine: './statement/record.ts#MerchantLineRecord',
    StatementDonation: './statement/record.ts#CauseLineRecord',
  },
  'rewards-catalogue': {
    Reward: './reward/reward.ts#Reward as RewardModel',
    RewardConnection: './context.ts#RewardConnection as RewardConnectionModel',
    Redemption: './redemption/redemption.ts#Redemption as RedemptionModel',
    RedemptionConnection: './context.ts#RedemptionConnection as RedemptionConnectionModel',
    Voucher: './voucher/voucher.ts#Voucher as VoucherModel',
    Member: './context.ts#MemberReference',
    Merchant: './context.ts#MerchantReference',
  },
  campaigns: {
    Campaign: './earning/campaign.ts#Campaign as CampaignModel',
    Purchase: './purchase/purchase.ts#Purchase as PurchaseModel',
    RuleOutcome: './purchase/purchase.ts#RuleOutcome as RuleOutcomeModel',
    PurchaseReturn: './purchase/purchase.ts#PurchaseReturn as PurchaseReturnModel',
    Member: './references.ts#MemberRef',
    Merchant: './references.ts#MerchantRef',
  },
  charity: {
    Cause: './cause/cause.ts#Cause as CauseModel',
    CauseConnection: './context.ts#CauseConnection as CauseConnectionModel',
    Pledge: './matching/pledge.ts#Pledge as PledgeModel',
    MatchedGoods: './matching/pledge.ts#MatchedGoods as MatchedGoodsModel',
    Donation: './donation/donation.ts#Donation as DonationModel',
    DonationConnection: './context.ts#DonationConnection as DonationConnectionModel',
    DonationMatch: './matching/pledge.ts#Match',
    Member: './context.ts#MemberReference',
    Merchant: './context.ts#MerchantReference',
  },
};

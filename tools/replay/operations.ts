/** What the replay sends, in the public schema's terms; a contract test validates each. */
export const replayOperations = {
  openMerchant: `mutation ReplayOpenMerchant($input: OpenMerchantInput!) {
    openMerchant(input: $input) { __typename ... on MerchantOpened { merchant { id } } ... on Refusal { code message } }
  }`,
  createCredential: `mutation ReplayCreateCredential($input: CreateClientCredentialInput!) {
    createClientCredential(input: $input) { __typename ... on ClientCredentialCreated { clientId clientSecret } ... on Refusal { code message } }
  }`,
  revokeCredential: `mutation ReplayRevokeCredential($input: RevokeClientCredentialInput!) {
    revokeClientCredential(input: $input) { __typename ... on ClientCredentialRevoked { clientId } ... on Refusal { code message } }
  }`,
  createCampaign: `mutation ReplayCreateCampaign($input: CreateCampaignInput!) {
    createCampaign(input: $input) { __typename ... on CampaignCreated { campaign { id } } ... on Refusal { code message } }
  }`,
  publishCampaign: `mutation ReplayPublishCampaign($input: PublishCampaignInput!) {
    publishCampaign(input: $input) { __typename ... on CampaignPublished { campaign { id } } ... on Refusal { code message } }
  }`,
  createReward: `mutation ReplayCreateReward($input: CreateRewardInput!) {
    createReward(input: $input) { __typename ... on RewardCreated { reward { id } } ... on Refusal { code message } }
  }`,
  publishReward: `mutation ReplayPublishReward($input: PublishRewardInput!) {
    publishReward(input: $input) { __typename ... on RewardPublished { reward { id } } ... on Refusal { code message } }
  }`,
  openCause: `mutation ReplayOpenCause($input: OpenCauseInput!) {
    openCause(input: $input) { __typename ... on CauseOpened { cause { id } } ... on Refusal { code message } }
  }`,
  registerMember: `mutation ReplayRegisterMember($input: RegisterMemberInput!) {
    registerMember(input: $input) { __typename ... on MemberRegistered { member { id cardNumber } } ... on Refusal { code message } }
  }`,
  recordPurchase: `mutation ReplayRecordPurchase($input: RecordPurchaseInput!) {
    recordPurchase(input: $input) {
      __typename ... on PurchaseRecorded { replayed purchase { id points } } ... on Refusal { code message }
    }
  }`,
  recordReturn: `mutation ReplayRecordReturn($input: RecordReturnInput!) {
    recordReturn(input: $input) {
      __typename ... on ReturnRecorded { replayed return { points } } ... on Refusal { code message }
    }
  }`,
  redeemReward: `mutation ReplayRedeemReward($input: RedeemRewardInput!) {
    redeemReward(input: $input) { __typename ... on RewardRedeemed { redemption { id points } } ... on Refusal { code message } }
  }`,
  donatePoints: `mutation ReplayDonatePoints($input: DonatePointsInput!) {
    donatePoints(input: $input) { __typename ... on PointsDonated { donation { id points } } ... on Refusal { code message } }
  }`,
  report: `query ReplayReport {
    positions {
      merchants {
        merchant { id name } issued honoured honouredOnUs owed { amountMinor currency } due { amountMinor currency }
      }
      issued honoured donated expired outstanding owed { amountMinor currency } due { amountMinor currency }
    }
  }`,
  ledgerCheck: `query ReplayLedgerCheck { ledgerCheck { ok postings violations { invariant id message } } }`,
} as const;

// What the demo data is put in with: the public schema's own mutations, as any client would send them.
const refused = '... on Refusal { code message }';

/** Operations of the demo seed, by name. */
export const demoOperations = {
  merchants: `query DemoMerchants($after: String) {
    merchants(first: 100, after: $after) { edges { node { name } } pageInfo { hasNextPage endCursor } }
  }`,
  publishProgramme: `mutation DemoProgramme($input: PublishProgrammeInput!) {
    publishProgramme(input: $input) { ... on ProgrammePublished { programme { code } } ${refused} }
  }`,
  prices: `query DemoPrices($id: ID!) { merchant(id: $id) { prices(programme: "GREEN") { effectiveFrom } } }`,
  setPrices: `mutation DemoPrices($input: SetPricesInput!) {
    setPrices(input: $input) { ... on PricesSet { price { effectiveFrom } } ${refused} }
  }`,
  openMerchant: `mutation DemoMerchant($input: OpenMerchantInput!) {
    openMerchant(input: $input) { ... on MerchantOpened { merchant { id name } clientId clientSecret } ${refused} }
  }`,
  createCampaign: `mutation DemoCampaign($input: CreateCampaignInput!) {
    createCampaign(input: $input) { ... on CampaignCreated { campaign { id status } } ${refused} }
  }`,
  publishCampaign: `mutation DemoCampaignOut($input: PublishCampaignInput!) {
    publishCampaign(input: $input) { ... on CampaignPublished { campaign { id } } ${refused} }
  }`,
  createReward: `mutation DemoReward($input: CreateRewardInput!) {
    createReward(input: $input) { ... on RewardCreated { reward { id status } } ${refused} }
  }`,
  publishReward: `mutation DemoRewardOut($input: PublishRewardInput!) {
    publishReward(input: $input) { ... on RewardPublished { reward { id } } ${refused} }
  }`,
  openCause: `mutation DemoCause($input: OpenCauseInput!) {
    openCause(input: $input) { ... on CauseOpened { cause { id } } ${refused} }
  }`,
  pledgeMatching: `mutation DemoPledge($input: PledgeMatchingInput!) {
    pledgeMatching(input: $input) { ... on MatchingPledged { pledge { id } } ${refused} }
  }`,
  registerMember: `mutation DemoMember($input: RegisterMemberInput!) {
    registerMember(input: $input) { ... on MemberRegistered { member { id cardNumber } } ${refused} }
  }`,
  member: `query DemoMemberByCard($cardNumber: String!) { member(cardNumber: $cardNumber) { id cardNumber } }`,
  beneficiaries: `query DemoBeneficiaries {
    viewer { member { beneficiaries { id } } }
  }`,
  addBeneficiary: `mutation DemoBeneficiary($input: AddBeneficiaryInput!) {
    addBeneficiary(input: $input) { ... on BeneficiaryAdded { beneficiary { id } } ${refused} }
  }`,
  recordPurchase: `mutation DemoPurchase($input: RecordPurchaseInput!) {
    recordPurchase(input: $input) { ... on PurchaseRecorded { purchase { id points } } ${refused} }
  }`,
  redeemReward: `mutation DemoRedemption($input: RedeemRewardInput!) {
    redeemReward(input: $input) { ... on RewardRedeemed { redemption { voucher { code } } } ${refused} }
  }`,
  consumeVoucher: `mutation DemoVoucher($input: ConsumeVoucherInput!) {
    consumeVoucher(input: $input) { ... on VoucherConsumed { voucher { id } } ${refused} }
  }`,
  donatePoints: `mutation DemoDonation($input: DonatePointsInput!) {
    donatePoints(input: $input) { ... on PointsDonated { donation { id } } ${refused} }
  }`,
} as const;

import { type Contract, mask } from './world.ts';

/** Beneficiaries and gifts. */
export const giftContracts: readonly Contract[] = [
  {
    operation: 'storefront/add-beneficiary',
    token: ({ friend }) => friend.token,
    variables: ({ member }) => ({
      input: { idempotencyKey: 'beneficiary-1', cardNumber: member.cardNumber, label: 'Grandma' },
    }),
    answer: ({ member }) => ({
      addBeneficiary: {
        __typename: 'BeneficiaryAdded',
        replayed: false,
        beneficiary: { label: 'Grandma', status: 'WAITING', maskedCard: mask(member) },
      },
    }),
  },
  {
    operation: 'storefront/give',
    token: ({ member }) => member.token,
    variables: ({ friend }) => ({
      input: {
        idempotencyKey: 'give-1',
        toCardNumber: friend.cardNumber,
        points: 50,
        reason: 'Happy birthday',
      },
    }),
    answer: () => ({
      transferPoints: {
        __typename: 'PointsPosted',
        replayed: false,
        posting: { kind: 'TRANSFER', points: 50, change: -50 },
        wallet: { available: 312 },
      },
    }),
  },
  {
    operation: 'storefront/decline',
    token: ({ friend }) => friend.token,
    variables: async ({ coalition, friend }) => {
      const query = '{ viewer { member { gifts { edges { node { id } } } } } }';
      const { viewer } = await coalition.send<{
        viewer: { member: { gifts: { edges: { node: { id: string } }[] } } };
      }>(friend.token, query);
      return { input: { idempotencyKey: 'decline-1', postingId: viewer.member.gifts.edges[0]!.node.id } };
    },
    answer: ({ member }) => ({
      declineGift: {
        __typename: 'GiftDeclined',
        replayed: false,
        gift: { state: 'DECLINED', points: 50, otherMaskedCard: mask(member) },
        wallet: { available: 30 },
      },
    }),
  },
  {
    operation: 'storefront/gifts',
    token: ({ member }) => member.token,
    variables: () => ({}),
    answer: ({ friend }) => ({
      viewer: {
        member: {
          beneficiaries: [{ label: null, status: 'EFFECTIVE', maskedCard: mask(friend) }],
          gifts: {
            edges: [
              {
                node: {
                  direction: 'GIVEN',
                  state: 'DECLINED',
                  points: 50,
                  reason: 'Happy birthday',
                  otherMaskedCard: mask(friend),
                },
              },
            ],
            pageInfo: { hasNextPage: false },
          },
        },
      },
    }),
  },
];

import type { PoolingNotAllowed } from './pool-refusal.ts';

/** The GraphQL answer of a PoolingNotAllowed. */
export const answerPoolingNotAllowed = ({ poolable }: PoolingNotAllowed) => ({
  __typename: 'PoolingNotAllowed' as const,
  code: 'POOLING_NOT_ALLOWED',
  message:
    poolable === 0n
      ? 'The terms of these points do not let them be pooled.'
      : `The terms let ${poolable} of these points be pooled.`,
  poolable,
});

/** What a child of a household does not do. */
const notForChildren = {
  GIVE: 'A child of a household gives no points away.',
  LEAVE: 'A child of a household does not leave by itself: its head removes it or makes it an adult.',
} as const;

/** The GraphQL answer of a NotForChildren. */
export const answerNotForChildren = (what: keyof typeof notForChildren) => ({
  __typename: 'NotForChildren' as const,
  code: 'NOT_FOR_CHILDREN',
  message: notForChildren[what],
});

/** What the import sends, in the public schema's terms; a contract test validates each. */
export const importOperations = {
  registerMember: `mutation ImportRegisterMember($input: RegisterMemberInput!) {
    registerMember(input: $input) {
      __typename ... on MemberRegistered { created member { id } } ... on Refusal { code message }
    }
  }`,
  issuePoints: `mutation ImportIssuePoints($input: IssuePointsBatchInput!) {
    issuePointsBatch(input: $input) {
      __typename
      ... on PointsBatchIssued { results {
        __typename
        ... on PointsPosted { replayed }
        ... on AlreadyPosted { posting { points member { id } programme { code } } }
        ... on Refusal { code message }
      } }
      ... on Refusal { code message }
    }
  }`,
} as const;

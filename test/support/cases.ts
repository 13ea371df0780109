import { randomUUID } from 'node:crypto';
import type { Caller, OutsideCaller } from '../../subgraphs/shared/caller.ts';
import type { TestAccounts } from './accounts.ts';

type Fields = Record<string, unknown>;

/** An operator's person. */
export const person = (subject: string): OutsideCaller => ({ kind: 'OPERATOR', subject });

/** A hash that no other piece of evidence of a test has. */
export const freshHash = (): string => randomUUID().replaceAll('-', '').repeat(2);

const fields = `id status disputed frozen deducted restituted reason statement openedAt lapsesAt appealableUntil howToAppeal
  evidence { name uri sha256 } openedBy { id } programme { code }
  history { act party at statement points evidence { name } }`;

const refusals = `... on Refusal { code message } ... on InvalidInput { field expected } ... on NotFound { what id }
  ... on IdempotencyConflict { idempotencyKey }`;

const own = `... on CaseStands { status } ... on EvidenceUsed { sha256 } ... on MoreThanDeductible { deductible }
  ... on TooLateToAppeal { until }`;

const operation = (name: string, input: string, more = own) => `mutation ($input: ${input}!) {
  ${name}(input: $input) { __typename ... on CaseChanged { replayed case { ${fields} } } ${refusals} ${more} } }`;

const operations = {
  openCase: operation('openCase', 'OpenCaseInput', ''),
  reviewCase: operation('reviewCase', 'ReviewCaseInput'),
  confirmCase: operation('confirmCase', 'ConfirmCaseInput'),
  decideCase: operation('decideCase', 'DecideCaseInput'),
  appealCase: operation('appealCase', 'AppealCaseInput'),
  decideCaseAppeal: operation('decideCaseAppeal', 'DecideCaseAppealInput'),
};

/** What a mutation about a case answered. */
export interface CaseAnswer extends Fields {
  readonly case: Fields & { readonly id: string; readonly history: readonly Fields[] };
}

/** Sends one of the mutations about cases, with a fresh key and a statement unless the input has them. */
export async function onCase(
  accounts: TestAccounts,
  caller: Caller,
  name: keyof typeof operations,
  input: object,
): Promise<CaseAnswer> {
  const variables = { input: { idempotencyKey: randomUUID(), statement: 'It is so.', ...input } };
  return (await accounts.send<Record<string, CaseAnswer>>(caller, operations[name], variables))[name]!;
}

/** Opens a case over so many points of a member and gives its answer. */
export const openCase = (
  accounts: TestAccounts,
  caller: Caller,
  memberId: string,
  disputedPoints: number,
  more: object = {},
): Promise<CaseAnswer> =>
  onCase(accounts, caller, 'openCase', {
    member: { id: memberId },
    reason: 'FALSE_PURCHASE',
    evidence: [{ name: 'till log', sha256: freshHash() }],
    disputedPoints,
    ...more,
  });

/** A member's cases as somebody sees them. */
export async function casesOf(accounts: TestAccounts, caller: Caller, id: string): Promise<Fields[]> {
  const query = `query ($id: ID!) { member(id: $id) { cases { edges { node { ${fields} } } } } }`;
  const answer = await accounts.send<{ member: { cases: { edges: { node: Fields }[] } } }>(caller, query, {
    id,
  });
  return answer.member.cases.edges.map(({ node }) => node);
}

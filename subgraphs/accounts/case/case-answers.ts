import { answerCommon } from '../ledger/ledger-answers.ts';
import type { CaseOutcome } from './case-command.ts';

type Refused<Kind extends CaseOutcome['kind']> = Extract<CaseOutcome, { kind: Kind }>;

type Common = Refused<'CaseChanged' | 'InvalidInput' | 'IdempotencyConflict' | 'NotFound'>;

function answerCommonly(outcome: Common) {
  switch (outcome.kind) {
    case 'CaseChanged':
      return { __typename: outcome.kind, case: outcome.case, replayed: outcome.replayed };
    case 'InvalidInput':
    case 'IdempotencyConflict':
    case 'NotFound':
      return answerCommon(outcome);
  }
}

const answerIndependence = ({ kind }: Refused<'NotIndependent'>) => ({
  __typename: kind,
  code: 'NOT_INDEPENDENT',
  message: 'You had a part in this case: somebody else has to decide.',
});

const answerStands = ({ kind, status }: Refused<'CaseStands'>) => ({
  __typename: kind,
  code: 'CASE_STANDS',
  message: `The case is ${status}, which does not allow this.`,
  status,
});

const answerEvidence = ({ kind, sha256 }: Refused<'EvidenceUsed'>) => ({
  __typename: kind,
  code: 'EVIDENCE_USED',
  message: 'Points of this wallet were frozen on the same evidence before.',
  sha256,
});

const answerNothing = ({ kind }: Refused<'NothingToFreeze'>) => ({
  __typename: kind,
  code: 'NOTHING_TO_FREEZE',
  message: 'The member has no available points.',
});

const answerTooMany = ({ kind, deductible }: Refused<'MoreThanDeductible'>) => ({
  __typename: kind,
  code: 'MORE_THAN_DEDUCTIBLE',
  message: `${deductible} points can be deducted at most.`,
  deductible,
});

const answerTooLate = ({ kind, until }: Refused<'TooLateToAppeal'>) => ({
  __typename: kind,
  code: 'TOO_LATE_TO_APPEAL',
  message: `An appeal was possible until ${until.toISOString()}.`,
  until,
});

const answerTooManyCases = ({ kind, limit }: Refused<'TooManyCases'>) => ({
  __typename: kind,
  code: 'TOO_MANY_CASES',
  message: `${limit} cases over these points wait already: they have to be decided first.`,
  limit,
});

/** What opening a case answers. */
export function answerOpened(outcome: CaseOutcome) {
  switch (outcome.kind) {
    case 'CaseChanged':
    case 'InvalidInput':
    case 'IdempotencyConflict':
    case 'NotFound':
      return answerCommonly(outcome);
    case 'TooManyCases':
      return answerTooManyCases(outcome);
    case 'NotIndependent':
    case 'CaseStands':
    case 'EvidenceUsed':
    case 'NothingToFreeze':
    case 'MoreThanDeductible':
    case 'TooLateToAppeal':
      throw new Error(`opening a case was answered ${outcome.kind}`);
  }
}

/** What every other mutation about a case answers. */
export function answerActed(outcome: CaseOutcome) {
  switch (outcome.kind) {
    case 'CaseChanged':
    case 'InvalidInput':
    case 'IdempotencyConflict':
    case 'NotFound':
      return answerCommonly(outcome);
    case 'NotIndependent':
      return answerIndependence(outcome);
    case 'CaseStands':
      return answerStands(outcome);
    case 'EvidenceUsed':
      return answerEvidence(outcome);
    case 'NothingToFreeze':
      return answerNothing(outcome);
    case 'MoreThanDeductible':
      return answerTooMany(outcome);
    case 'TooLateToAppeal':
      return answerTooLate(outcome);
    case 'TooManyCases':
      throw new Error(`something in a case was answered ${outcome.kind}`);
  }
}

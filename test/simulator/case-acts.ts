import { createHash } from 'node:crypto';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import * as model from '../rules/ledger/reference-cases.ts';
import { type Act, keyed, type Play, perform, pick } from './acting.ts';
import { expectSame } from './disagreement.ts';
import type { Fault } from './faults.ts';
import { operations, type Request } from './requests.ts';

const statement = 'It is so.';

const person = (subject: string): OutsideCaller => ({ kind: 'OPERATOR', subject });

const operatorOf = (by: number): OutsideCaller => person(`person-${by}`);

const nameOf = (by: number): string => `operator:person-${by}`;

/** Somebody opens a case: an operator, or a merchant; now and then on evidence that is known already. */
export const openCase: Act<'openCase'> = async (play, { member, by, points, evidence, fault }) => {
  const { id, reference } = play.cast.players[member]!;
  const merchant = typeof by === 'number' ? play.cast.merchants[by]! : null;
  const known = evidence === null ? undefined : pick(play.cases, evidence)?.model.evidence[0];
  const sha256 = known ?? createHash('sha256').update(`evidence ${play.sent}`).digest('hex');
  const input = {
    ...{ ...keyed(play), reason: 'FALSE_PURCHASE', statement, disputedPoints: points },
    member: merchant ? { reference } : { id },
    evidence: [{ name: 'till log', sha256 }],
  };
  const caller = merchant ? merchant.caller : person(String(by));
  const request = { of: 'accounts', caller, operation: operations.openCase, input } as const;
  await perform(play, request, fault, (answer) => {
    const opened = model.openCase(play.model, id, {
      ...{
        by: merchant ? `merchant:${merchant.id}` : `operator:${by}`,
        disputed: points,
        evidence: [sha256],
      },
    });
    expectSame('answer', answer.__typename, typeof opened === 'string' ? opened : 'CaseChanged');
    if (typeof opened !== 'string') play.cases.push({ id: answer.case.id, model: opened, memberId: id });
  });
};

/** A case in which there is something to do; now and then any. */
function caseFor(play: Play, which: number, ...waiting: string[]) {
  const fitting = play.cases.filter(({ model: { status } }) => waiting.includes(status));
  return pick(which % 8 > 0 ? fitting : play.cases, which);
}

async function act(
  play: Play,
  request: Omit<Request, 'of'>,
  fault: Fault,
  modelled: () => string,
): Promise<void> {
  await perform(play, { of: 'accounts', ...request }, fault, (answer) => {
    const told = modelled();
    expectSame('answer', answer.__typename, told === 'ok' ? 'CaseChanged' : told);
  });
}

/** An operator freezes what a case disputes, or dismisses it. */
export const reviewCase: Act<'reviewCase'> = async (play, { which, by, freezes, fault }) => {
  const target = caseFor(play, which, 'OPEN');
  if (!target) return;
  const verdict = freezes ? 'FREEZE' : 'DISMISS';
  const input = { ...keyed(play), caseId: target.id, statement, verdict };
  await act(play, { caller: operatorOf(by), operation: operations.reviewCase, input }, fault, () =>
    freezes
      ? model.freeze(play.model, target.model, nameOf(by))
      : model.dismiss(play.model, target.model, nameOf(by)),
  );
};

/** An operator lets a freeze stand. */
export const confirmCase: Act<'confirmCase'> = async (play, { which, by, fault }) => {
  const target = caseFor(play, which, 'FROZEN');
  if (!target) return;
  const input = { ...keyed(play), caseId: target.id, statement };
  await act(play, { caller: operatorOf(by), operation: operations.confirmCase, input }, fault, () =>
    model.confirm(play.model, target.model, nameOf(by)),
  );
};

/** An operator has points deducted, or dismisses the case. */
export const decideCase: Act<'decideCase'> = async (play, { which, by, part, fault }) => {
  const target = caseFor(play, which, 'FROZEN');
  if (!target) return;
  const points = part === null ? null : 1 + (part % target.model.disputed);
  const verdict = points === null ? 'DISMISS' : 'UPHOLD';
  const input = { ...keyed(play), caseId: target.id, statement, verdict, ...(points && { points }) };
  await act(play, { caller: operatorOf(by), operation: operations.decideCase, input }, fault, () =>
    points === null
      ? model.dismiss(play.model, target.model, nameOf(by))
      : model.uphold(play.model, target.model, nameOf(by), points),
  );
};

/** The member appeals. */
export const appealCase: Act<'appealCase'> = async (play, { which, fault }) => {
  const target = caseFor(play, which, 'UPHELD');
  if (!target) return;
  const { caller } = play.cast.players.find(({ id }) => id === target.memberId)!;
  const input = { ...keyed(play), caseId: target.id, statement };
  await act(play, { caller, operation: operations.appealCase, input }, fault, () =>
    model.appeal(play.model, target.model, `member:${target.memberId}`),
  );
};

/** An operator decides an appeal. */
export const judgeCase: Act<'judgeCase'> = async (play, { which, by, overturns, fault }) => {
  const target = caseFor(play, which, 'APPEALED');
  if (!target) return;
  const input = {
    ...{ ...keyed(play), caseId: target.id, statement },
    verdict: overturns ? 'OVERTURN' : 'REJECT',
  };
  await act(play, { caller: operatorOf(by), operation: operations.decideCaseAppeal, input }, fault, () =>
    model.decideAppeal(play.model, target.model, { by: nameOf(by), overturns }),
  );
};

import { type DomainEvent, sequenceAt } from '../../shared/events/event.ts';
import type { NewId } from '../../shared/ids.ts';
import { accountsSource, caseEventTypes, memberNotice } from '../event-types.ts';
import type { BatchChange } from '../ledger/batch-change.ts';
import type { Case, CaseStep } from './case.ts';

/** What is told of a step: what was claimed and done, and no words of those who did it. */
const tell = (one: Case, step: CaseStep): DomainEvent['data'] => ({
  caseId: one.id,
  act: step.act,
  programme: one.programme,
  reason: one.reason,
  disputed: Number(one.disputed),
  points: Number(step.points),
  at: step.at.toISOString(),
  status: one.status,
  lapsesAt: one.lapsesAt?.toISOString() ?? null,
  appealableUntil: one.appealableUntil?.toISOString() ?? null,
  merchantId: one.merchantId,
  memberId: one.memberId,
});

/**
 * The events of the cases of a batch, two a step: one that tells it, to the merchant that opened the case; and a notice to
 * the member, for every shop that knows the member to hand on, which says no more than that there is something to read.
 * They come after the other events of the batch in their wallet, at the places that its version gives.
 */
export function caseEvents(
  { wallets, cases }: Pick<BatchChange, 'wallets' | 'cases'>,
  before: readonly DomainEvent[],
  newId: NewId,
): DomainEvent[] {
  const versions = new Map(wallets.map(({ wallet }) => [wallet.id, wallet.version]));
  const told = new Map<string, number>();
  for (const { partition } of before) told.set(partition, (told.get(partition) ?? 0) + 1);
  const placed = (partition: string, event: Pick<DomainEvent, 'type' | 'subject' | 'audience' | 'data'>) => {
    const version = versions.get(partition);
    if (version === undefined) throw new Error(`a case of ${partition}, which is not written`);
    const index = told.get(partition) ?? 0;
    told.set(partition, index + 1);
    return {
      ...event,
      id: newId('evt'),
      source: accountsSource,
      partition,
      sequence: sequenceAt(version, index),
    };
  };
  return cases.flatMap(({ case: one, stepsBefore }) =>
    one.steps.slice(stepsBefore).flatMap((step): DomainEvent[] => {
      const { walletId, memberId, merchantId, programme } = one;
      const audience = merchantId === null ? [] : [merchantId];
      const at = { time: step.at };
      const fact = { type: caseEventTypes[step.act], subject: one.id, audience, data: tell(one, step) };
      const notice = { type: memberNotice, subject: memberId, audience: [], data: { programme, memberId } };
      return [
        { ...placed(walletId, fact), ...at },
        { ...placed(walletId, notice), ...at },
      ];
    }),
  );
}

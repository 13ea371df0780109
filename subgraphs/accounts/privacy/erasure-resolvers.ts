import { callerName } from '../../shared/caller.ts';
import { answerIdempotencyConflict, answerInvalidInput, answerNotFound } from '../../shared/refusal.ts';
import type { Context } from '../context.ts';
import type { PointsIn } from '../ledger/command.ts';
import type { Resolvers, ResolversTypes } from '../resolver-types.ts';
import { type EraseMemberOutcome, type EraseMemberPorts, eraseMember } from './erase-member.ts';
import type { LegalHold } from './legal-hold.ts';
import { type PlaceLegalHoldPorts, placeLegalHold } from './place-legal-hold.ts';
import { exporter } from './privacy-resolvers.ts';

/** What the resolvers of erasures need. */
export interface ErasureResolverPorts
  extends Omit<EraseMemberPorts, 'findMember'>,
    Omit<PlaceLegalHoldPorts, 'findMember'> {
  readonly releaseLegalHold: (id: string, at: Date) => Promise<LegalHold | null>;
}

const sayEach = (points: readonly PointsIn[]): string =>
  points.map(({ programme, points: number }) => `${number} ${programme}`).join(', ') || 'none';

const answerHeld = (holds: readonly LegalHold[]) => {
  const until = new Date(Math.max(...holds.map((hold) => hold.until.getTime())));
  const message = `A legal claim needs the data until ${until.toISOString()}.`;
  return { __typename: 'LegallyHeld' as const, code: 'LEGALLY_HELD', message, holds, until };
};

function answer(outcome: EraseMemberOutcome): ResolversTypes['EraseMemberResult'] {
  switch (outcome.kind) {
    case 'MemberErased': {
      const { memberId, erasedAt, forfeit } = outcome.erasure;
      const { kind: __typename, replayed } = outcome;
      return { __typename, memberId, erasedAt: erasedAt!, forfeited: forfeit, replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
    case 'LegallyHeld':
      return answerHeld(outcome.holds);
    case 'InHousehold': {
      const message = 'The member belongs to a household: it leaves or dissolves it first.';
      return { __typename: outcome.kind, code: 'IN_HOUSEHOLD', message };
    }
    case 'CasesOpen': {
      const { kind: __typename, programmes } = outcome;
      const message = `Cases over points of ${programmes.join(', ')} are not decided yet.`;
      return { __typename, code: 'CASES_OPEN', message, programmes };
    }
    case 'HoldsOpen': {
      const message = `Points are reserved: ${sayEach(outcome.held)}.`;
      return { __typename: outcome.kind, code: 'HOLDS_OPEN', message, held: outcome.held };
    }
    case 'ArrearsOwed': {
      const message = `Points are owed: ${sayEach(outcome.owed)}.`;
      return { __typename: outcome.kind, code: 'ARREARS_OWED', message, owed: outcome.owed };
    }
    case 'PointsLeft': {
      const message = `What is left is ${sayEach(outcome.left)}, and that is not what was confirmed.`;
      return { __typename: outcome.kind, code: 'POINTS_LEFT', message, left: outcome.left };
    }
  }
}

async function place(
  input: Parameters<typeof placeLegalHold>[1],
  ports: ErasureResolverPorts,
  { caller, directory }: Context,
): Promise<ResolversTypes['PlaceLegalHoldResult']> {
  const findMember = (selector: Parameters<typeof directory.findMember>[0]) =>
    directory.findMember(selector, caller);
  const outcome = await placeLegalHold(callerName(caller), input, { ...ports, findMember });
  switch (outcome.kind) {
    case 'LegalHoldPlaced': {
      const member = await directory.member(outcome.hold.memberId);
      if (!member) return answerNotFound({ kind: 'NotFound', what: 'MEMBER', id: outcome.hold.memberId });
      return { __typename: outcome.kind, hold: outcome.hold, member, replayed: outcome.replayed };
    }
    case 'InvalidInput':
      return answerInvalidInput(outcome);
    case 'IdempotencyConflict':
      return answerIdempotencyConflict(outcome);
    case 'NotFound':
      return answerNotFound(outcome);
  }
}

/** Resolvers of erasures and of what keeps a member from being erased. */
export const erasureResolvers = (ports: ErasureResolverPorts) =>
  ({
    Mutation: {
      eraseMember: async (_, { input }, { caller, directory, forgetMember }) => {
        const outcome = await eraseMember(exporter(caller), input, {
          ...ports,
          findMember: (selector) => directory.findMember(selector, caller),
        });
        if (outcome.kind === 'MemberErased') forgetMember(outcome.erasure.memberId);
        return answer(outcome);
      },
      placeLegalHold: (_, { input }, context) => place(input, ports, context),
      releaseLegalHold: async (_, { input: { holdId } }, { clock }) => {
        const hold = await ports.releaseLegalHold(holdId, clock.now());
        return hold
          ? { __typename: 'LegalHoldReleased', hold }
          : answerNotFound({ kind: 'NotFound', what: 'LEGAL_HOLD', id: holdId });
      },
    },
    Member: {
      legalHolds: ({ id }) => ports.legalHoldsOf(id),
    },
    LegalHold: {
      reason: ({ reason }) => reason ?? '',
    },
  }) satisfies Resolvers;

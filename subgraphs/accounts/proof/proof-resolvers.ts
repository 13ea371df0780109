import type { Caller } from '../../shared/caller.ts';
import { readPage, toConnection } from '../../shared/connection.ts';
import { badUserInput } from '../../shared/errors.ts';
import { answerInvalidInput, answerNotFound, invalidInput, notFound } from '../../shared/refusal.ts';
import { walletIdOf } from '../ledger/account.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Posting } from '../ledger/posting.ts';
import { maySee } from '../ledger/posting-resolvers.ts';
import type { QueryResolvers, Resolvers } from '../resolver-types.ts';
import type { ClosedPart } from './leaf.ts';
import { isPeriod } from './liability.ts';
import type { Proof } from './proof.ts';
import type { NotCounted } from './prove-liability.ts';
import type { NotSealedYet } from './prove-posting.ts';
import { dayOf, isDay } from './seal.ts';

/** What the resolvers of proofs need. */
export interface ProofResolverPorts {
  readonly ledger: Pick<Ledger, 'posting'>;
  readonly proof: Proof;
}

/** Which closed parts of a posting that a caller may see it may see. */
function partsFor(caller: Caller, posting: Posting): readonly ClosedPart[] {
  if (caller.kind === 'MEMBER') return ['provenance'];
  if (caller.kind === 'MERCHANT') return posting.merchantId === caller.merchantId ? ['money'] : [];
  return ['provenance', 'money'];
}

/** The GraphQL answer of a NotSealedYet. */
const answerNotSealedYet = ({ kind, availableFrom }: NotSealedYet) => ({
  __typename: kind,
  code: 'NOT_SEALED_YET',
  message: `It will be under seal from ${availableFrom.toISOString()} on.`,
  availableFrom,
});

const ledgerProof =
  ({ ledger, proof }: ProofResolverPorts): QueryResolvers['ledgerProof'] =>
  async (_, { postingId, until }, { caller }) => {
    const last = until ?? null;
    if (last !== null && !isDay(last))
      return answerInvalidInput(invalidInput('until', 'a day such as 2026-03-01'));
    const posting = await ledger.posting(postingId);
    if (!posting || !maySee(caller, posting)) return answerNotFound(notFound('POSTING', postingId));
    const day = dayOf(posting.recordedAt);
    if (last !== null && last < day)
      return answerInvalidInput(invalidInput('until', `${day}, the day of the posting, or a later one`));
    const outcome = await proof.posting(posting, last);
    switch (outcome.kind) {
      case 'LedgerProof': {
        const { kind, leaf, ...rest } = outcome;
        const openings = partsFor(caller, posting).map((part) => leaf.openings[part]);
        return {
          __typename: kind,
          leaf: leaf.text,
          openings,
          ...rest,
          signingKeys: await proof.signingKeys(),
        };
      }
      case 'NotSealedYet':
        return answerNotSealedYet(outcome);
      case 'NotUnderSeal':
        throw new Error(`${postingId} is not under the seal of ${outcome.day}: see the ledger check`);
    }
  };

/** The GraphQL answer of a NotCounted. */
const answerNotCounted = ({ kind, programme, period }: NotCounted) => ({
  __typename: kind,
  code: 'NOT_COUNTED',
  message: `By the end of ${period} you had no wallet in ${programme}.`,
  period,
});

const liabilityProof =
  ({ proof }: ProofResolverPorts): QueryResolvers['liabilityProof'] =>
  async (_, { programme, period }, { caller, directory }) => {
    if (period && !isPeriod(period))
      return answerInvalidInput(invalidInput('period', 'a month such as 2026-03'));
    const code = programme ?? 'SHARED';
    if (!(await directory.programme(code))) return answerNotFound(notFound('PROGRAMME', code));
    // Only members get here: see the schema.
    if (caller.kind !== 'MEMBER') throw new Error(`${caller.kind} has no balance`);
    const outcome = await proof.balance(walletIdOf(caller.memberId, code), code, period ?? null);
    switch (outcome.kind) {
      case 'LiabilityProof': {
        const { kind, ...rest } = outcome;
        return { __typename: kind, ...rest, signingKeys: await proof.signingKeys() };
      }
      case 'NotSealedYet':
        return answerNotSealedYet(outcome);
      case 'NotCounted':
        return answerNotCounted(outcome);
    }
  };

const liabilities =
  ({ proof }: ProofResolverPorts): QueryResolvers['liabilities'] =>
  async (_, { programme, period }, { directory }) => {
    if (typeof period === 'string' && !isPeriod(period))
      throw badUserInput('period: must be a month such as 2026-03');
    const code = programme ?? 'SHARED';
    if (!(await directory.programme(code))) throw badUserInput('programme: there is no such programme');
    return proof.liabilities(code, period ?? null);
  };

/** Resolvers of seals and proofs. */
export const proofResolvers = (ports: ProofResolverPorts) =>
  ({
    Query: {
      ledgerProof: ledgerProof(ports),
      seals: async (_, args) => {
        const page = readPage(args, 1);
        return toConnection(await ports.proof.seals(page), page.first, ({ day }) => [day]);
      },
      signingKeys: () => ports.proof.signingKeys(),
      liabilities: liabilities(ports),
      liabilityProof: liabilityProof(ports),
    },
    Liabilities: { programmeCode: ({ programme }) => programme },
  }) satisfies Resolvers;

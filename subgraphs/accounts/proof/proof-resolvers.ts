import type { Caller } from '../../shared/caller.ts';
import { readPage, toConnection } from '../../shared/connection.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Posting } from '../ledger/posting.ts';
import { maySee } from '../ledger/posting-resolvers.ts';
import { invalidInput, notFound } from '../refusal.ts';
import { answerInvalidInput, answerNotFound } from '../refusal-answers.ts';
import type { QueryResolvers, Resolvers } from '../resolver-types.ts';
import type { ClosedPart } from './leaf.ts';
import type { Proof } from './proof.ts';
import type { NotSealedYet } from './prove-posting.ts';
import { isDay } from './seal.ts';

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
    },
  }) satisfies Resolvers;

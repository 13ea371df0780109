import { GraphQLError } from 'graphql';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import { actorOf, type Caller, type CallerKey, callerName } from '../../../subgraphs/shared/caller.ts';
import { inputHash } from '../../../subgraphs/shared/idempotency.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { scalarResolvers } from '../../../subgraphs/shared/scalars.ts';
import { type RunningServer, startSubgraphServer } from '../../../subgraphs/shared/subgraph-server.ts';
import { plainMemberIds } from '../../support/member-ids.ts';

interface Wallet {
  readonly programme: { readonly code: string };
  available: bigint;
  held: bigint;
  /** Earned and not unlocked yet. */
  readonly unlocks: { points: bigint; unlocksAt: Date }[];
}

interface Member {
  readonly id: string;
  readonly registeredBy: string[];
  readonly reference: string;
  readonly wallets: Wallet[];
  /** What it may spend of the pools of its household, by programme; null if it has none. */
  allowances: Map<string, Allowance> | null;
}

/** What a member may spend of a pool. */
interface Allowance {
  readonly available: number;
  readonly limit: number | null;
}

interface Hold {
  readonly id: string;
  readonly wallet: Wallet;
  readonly points: bigint;
  readonly timesOutAt: Date;
  status: 'OPEN' | 'CAPTURED' | 'VOIDED' | 'TIMED_OUT';
  capturePostingId: string | null;
}

interface Posting {
  readonly id: string;
  readonly kind: string;
  readonly points: bigint;
  readonly wallet: Wallet;
  reversed: boolean;
}

/** A fault to give in place of an answer: before the operation has any effect, or after it has had it. */
export interface Fault {
  readonly operation: string;
  readonly when: 'before' | 'after';
  times: number;
}

/** Accounts as far as the catalogue needs it: in memory, on the real schema, over HTTP. */
export interface FakeAccounts extends RunningServer {
  addMember(member: {
    registeredBy?: string[];
    reference?: string;
    points?: number;
    programme?: string;
  }): string;
  /** Forgets a member as an erasure does. */
  eraseMember(memberId: string): void;
  addUnlock(memberId: string, points: number, unlocksAt: Date): void;
  /** Gives a member a household, with what it may spend of the pools by programme. */
  addHousehold(memberId: string, allowances?: Record<string, Allowance>): void;
  balance(memberId: string, programme?: string): { available: number; held: number };
  /** Points captured and not reversed, of all members. */
  spent(): number;
  timeOutHolds(): void;
  /** Reverses a posting as the operator would, outside the catalogue. */
  reverse(postingId: string): void;
  /** What to answer with an error, as if the answer had got lost. */
  readonly faults: Fault[];
  /** How often each operation was asked for. */
  readonly calls: Map<string, number>;
}

const refuse = (__typename: string, code: string, rest: object) => ({
  __typename,
  code,
  message: code,
  ...rest,
});

interface HoldInput {
  readonly memberId: string;
  readonly programme: string;
  readonly points: bigint;
  readonly fromHousehold?: boolean;
}

/** Why a pool does not pay; here none does. */
function refuseOfPool({ allowances }: Member, { programme, points }: HoldInput) {
  const { available, limit } = allowances?.get(programme) ?? { available: 0, limit: null };
  if (limit !== null && points > limit)
    return refuse('HouseholdLimitExceeded', 'HOUSEHOLD_LIMIT_EXCEEDED', {
      ...{ per: 'MONTH', limit, left: limit, leftFrom: null },
    });
  const shortBy = points - BigInt(available);
  return refuse('NotEnoughPoints', 'NOT_ENOUGH_POINTS', { available, shortBy, availableFrom: null });
}

/** Starts it. Merchants `mer_*` and the programmes SHARED and GREEN exist. */
export async function startFakeAccounts(key: CallerKey): Promise<FakeAccounts> {
  const members = new Map<string, Member>();
  let registered = 0;
  const holds = new Map<string, Hold>();
  const postings = new Map<string, Posting>();
  const done = new Map<string, { hash: string; answer: object }>();
  const faults: Fault[] = [];
  const calls = new Map<string, number>();

  const walletOf = (member: Member, code: string): Wallet => {
    let wallet = member.wallets.find(({ programme }) => programme.code === code);
    if (!wallet) {
      wallet = { programme: { code }, available: 0n, held: 0n, unlocks: [] };
      member.wallets.push(wallet);
    }
    return wallet;
  };

  const fail = (operation: string, when: Fault['when']) => {
    const fault = faults.find((each) => each.operation === operation && each.when === when && each.times > 0);
    if (!fault) return;
    fault.times--;
    throw new GraphQLError('lost', { extensions: { code: 'LOST' } });
  };

  /** Counts the call, gives its faults, and keeps idempotency keys as accounts does: refusals are not remembered. */
  const operation =
    <T>(name: string, work: (input: T, caller: Caller) => object | null) =>
    (_: unknown, args: { input?: T }, context: { caller: Caller }) => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      fail(name, 'before');
      const input = (args.input ?? args) as T & { idempotencyKey?: string };
      const slot = `${callerName(context.caller)} ${input.idempotencyKey}`;
      const earlier = input.idempotencyKey ? done.get(slot) : undefined;
      if (earlier && earlier.hash !== inputHash(input as object))
        return refuse('IdempotencyConflict', 'IDEMPOTENCY_CONFLICT', {
          idempotencyKey: input.idempotencyKey,
        });
      const answer = earlier ? { ...earlier.answer, replayed: true } : work(input, context.caller);
      if (!earlier && input.idempotencyKey && answer && 'replayed' in answer)
        done.set(slot, { hash: inputHash(input as object), answer });
      fail(name, 'after');
      return answer;
    };

  const release = (hold: Hold, status: 'VOIDED' | 'TIMED_OUT') => {
    hold.status = status;
    hold.wallet.held -= hold.points;
    hold.wallet.available += hold.points;
  };

  const addPosting = (kind: string, wallet: Wallet, points: bigint): Posting => {
    const posting = { id: `pos_${postings.size + 1}`, kind, points, wallet, reversed: false };
    postings.set(posting.id, posting);
    return posting;
  };

  const resolve = (work: (hold: Hold) => void) => (input: { holdId: string }) => {
    const hold = holds.get(input.holdId);
    if (!hold) return refuse('NotFound', 'NOT_FOUND', { what: 'HOLD', id: input.holdId });
    if (hold.status !== 'OPEN') return refuse('HoldAlreadyResolved', 'HOLD_ALREADY_RESOLVED', { hold });
    work(hold);
    return { __typename: 'HoldResolved', hold, replayed: false };
  };

  const findFor = (caller: Caller, selector: { id?: string; reference?: string }): Member | null => {
    const actor = actorOf(caller);
    const found = [...members.values()].find(
      ({ id, reference }) => id === selector.id || reference === selector.reference,
    );
    const mine =
      (actor.kind === 'MEMBER' && actor.memberId === found?.id) ||
      (actor.kind === 'MERCHANT' && found?.registeredBy.includes(actor.merchantId)) ||
      actor.kind === 'OPERATOR' ||
      actor.kind === 'AUDITOR';
    return found && mine ? found : null;
  };

  const resolvers = {
    ...scalarResolvers,
    Query: {
      resolveMember: operation(
        'resolveMember',
        (args: { member: { id?: string; reference?: string } }, caller) => findFor(caller, args.member),
      ),
      member: operation('member', ({ id }: { id: string }) => members.get(id) ?? null),
      merchant: (_: unknown, { id }: { id: string }) => (id.startsWith('mer_') ? { id } : null),
      programme: (_: unknown, { code }: { code: string }) =>
        ['SHARED', 'GREEN'].includes(code) ? { code } : null,
    },
    Mutation: {
      holdPoints: operation('holdPoints', (input: HoldInput) => {
        const member = members.get(input.memberId);
        if (!member) return refuse('NotFound', 'NOT_FOUND', { what: 'MEMBER', id: input.memberId });
        if (input.fromHousehold) return refuseOfPool(member, input);
        const wallet = walletOf(member, input.programme);
        const { available } = wallet;
        if (available < input.points)
          return refuse('NotEnoughPoints', 'NOT_ENOUGH_POINTS', {
            available,
            shortBy: input.points - available,
            availableFrom: null,
          });
        wallet.available -= input.points;
        wallet.held += input.points;
        const hold: Hold = {
          id: `hol_${holds.size + 1}`,
          wallet,
          points: input.points,
          timesOutAt: new Date(Date.now() + 900_000),
          status: 'OPEN',
          capturePostingId: null,
        };
        holds.set(hold.id, hold);
        return { __typename: 'PointsHeld', hold, replayed: false };
      }),
      capturePoints: operation(
        'capturePoints',
        resolve((hold) => {
          hold.status = 'CAPTURED';
          hold.wallet.held -= hold.points;
          hold.capturePostingId = addPosting('CAPTURE', hold.wallet, hold.points).id;
        }),
      ),
      voidHold: operation(
        'voidHold',
        resolve((hold) => release(hold, 'VOIDED')),
      ),
      reversePosting: operation('reversePosting', ({ postingId }: { postingId: string }) => {
        const posting = postings.get(postingId);
        if (!posting) return refuse('NotFound', 'NOT_FOUND', { what: 'POSTING', id: postingId });
        if (posting.reversed) return refuse('NotReversible', 'NOT_REVERSIBLE', { remaining: 0n });
        posting.reversed = true;
        posting.wallet.available += posting.points;
        return { __typename: 'PointsPosted', posting, wallet: posting.wallet, replayed: false };
      }),
    },
    Member: {
      wallet: (member: Member, { programme }: { programme: string }) => walletOf(member, programme),
      poolAllowance: ({ allowances }: Member, { programme }: { programme: string }) =>
        allowances && {
          programme: { code: programme },
          available: 0,
          limit: null,
          ...allowances.get(programme),
        },
      poolAllowances: ({ allowances }: Member) =>
        [...(allowances ?? [])].map(([code, allowance]) => ({ programme: { code }, ...allowance })),
    },
    Wallet: {
      pending: ({ unlocks }: Wallet) => unlocks.reduce((sum, { points }) => sum + points, 0n),
      unlocking: ({ available, unlocks }: Wallet) =>
        [...unlocks]
          .sort((a, b) => a.unlocksAt.getTime() - b.unlocksAt.getTime())
          .map(({ unlocksAt: at }, i, sorted) => ({
            at,
            available: sorted.slice(0, i + 1).reduce((sum, { points }) => sum + points, available),
          })),
    },
  };

  const server = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers,
    createContext: (caller) => ({ caller }),
    ready: async () => {},
    key,
    memberIds: plainMemberIds,
    host: '127.0.0.1',
    port: 0,
    log: createLog('fake-accounts', 'fatal'),
  });

  return {
    ...server,
    faults,
    calls,
    addMember({ registeredBy = [], reference = '', points = 0, programme = 'SHARED' }) {
      const member = { id: `mem_${++registered}`, registeredBy, reference, wallets: [], allowances: null };
      members.set(member.id, member);
      walletOf(member, programme).available = BigInt(points);
      return member.id;
    },
    eraseMember(memberId) {
      members.delete(memberId);
    },
    addUnlock(memberId, points, unlocksAt) {
      walletOf(members.get(memberId)!, 'SHARED').unlocks.push({ points: BigInt(points), unlocksAt });
    },
    addHousehold(memberId, allowances = {}) {
      members.get(memberId)!.allowances = new Map(Object.entries(allowances));
    },
    balance(memberId, programme = 'SHARED') {
      const { available, held } = walletOf(members.get(memberId)!, programme);
      return { available: Number(available), held: Number(held) };
    },
    spent: () =>
      [...postings.values()]
        .filter(({ reversed }) => !reversed)
        .reduce((sum, { points }) => sum + Number(points), 0),
    reverse(postingId) {
      const posting = postings.get(postingId)!;
      posting.reversed = true;
      posting.wallet.available += posting.points;
    },
    timeOutHolds() {
      for (const hold of holds.values()) if (hold.status === 'OPEN') release(hold, 'TIMED_OUT');
    },
  };
}

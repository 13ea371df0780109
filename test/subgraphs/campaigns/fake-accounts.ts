import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import { actorOf, type Caller, type CallerKey } from '../../../subgraphs/shared/caller.ts';
import { createLog } from '../../../subgraphs/shared/log.ts';
import { scalarResolvers } from '../../../subgraphs/shared/scalars.ts';
import { type RunningServer, startSubgraphServer } from '../../../subgraphs/shared/subgraph-server.ts';
import { plainMemberIds } from '../../support/member-ids.ts';

interface FakeMember {
  readonly id: string;
  readonly registeredAt: Date;
  readonly cardNumber: string;
  /** Reference by merchant. */
  readonly references: Readonly<Record<string, string>>;
}

interface FakePosting {
  readonly id: string;
  readonly kind: 'EARN' | 'REVERSE';
  readonly merchantId: string;
  readonly memberId: string;
  readonly points: bigint;
  readonly externalRef: string;
  readonly lines: readonly { readonly id: string; readonly points: bigint }[];
  readonly reverses: string | null;
  readonly campaignId: string | null;
  readonly ruleVersion: string | null;
}

/** Stands for accounts: real schema and transport, idempotency keys and references once for ever, in memory. */
export interface FakeAccounts {
  readonly url: string;
  readonly members: FakeMember[];
  /** Currency by merchant. */
  readonly merchants: Map<string, string>;
  readonly programmes: Set<string>;
  /** By idempotency key. */
  readonly postings: Map<string, FakePosting>;
  /** Each call that arrived. */
  readonly calls: { readonly operation: string; readonly caller: Caller }[];
  /** Runs before a posting is made; may throw (the caller never learns) or wait. */
  before: () => Promise<void>;
  /** Runs after a posting was made, before it is answered; may throw or wait. */
  after: () => Promise<void>;
  /** If set, every posting is refused so. */
  refusal: Record<string, unknown> | null;
  stop(): Promise<void>;
}

interface Choice {
  readonly member: { readonly id?: string; readonly reference?: string; readonly cardNumber?: string };
}
interface Order {
  readonly idempotencyKey: string;
  readonly merchantId: string;
  readonly memberId: string;
  readonly points: bigint;
  readonly externalRef: string;
  readonly postingId: string;
  readonly lines: readonly { readonly id: string; readonly points: bigint }[];
  readonly campaignId?: string;
  readonly ruleVersion?: string;
}
type Context = { readonly caller: Caller };

const sum = (lines: readonly { readonly points: bigint }[]) =>
  lines.reduce((all, { points }) => all + points, 0n);

/** Points of an earn's line that reversals have not taken back. */
function leftOfLine(fake: FakeAccounts, earn: FakePosting, id: string): bigint {
  const back = [...fake.postings.values()].filter(({ reverses }) => reverses === earn.id);
  const taken = back.flatMap(({ lines }) => lines).filter((line) => line.id === id);
  return (earn.lines.find((line) => line.id === id)?.points ?? 0n) - sum(taken);
}

function post(fake: FakeAccounts, key: string, posting: Omit<FakePosting, 'id'>) {
  const earlier = fake.postings.get(key);
  if (!earlier) {
    const taken = [...fake.postings.values()].find(
      ({ kind, merchantId, externalRef }) =>
        kind === posting.kind && merchantId === posting.merchantId && externalRef === posting.externalRef,
    );
    if (taken)
      return { __typename: 'AlreadyPosted', code: 'ALREADY_POSTED', message: 'before', posting: taken };
    if (sum(posting.lines) !== posting.points) throw new Error('the lines do not sum to the points');
  }
  const kept = earlier ?? { id: `pos_${fake.postings.size + 1}`, ...posting };
  fake.postings.set(key, kept);
  return { __typename: 'PointsPosted', posting: kept, replayed: earlier !== undefined };
}

function mutations(fake: FakeAccounts) {
  const around = async (operation: string, caller: Caller, act: () => unknown) => {
    fake.calls.push({ operation, caller });
    await fake.before();
    const answer = fake.refusal ?? act();
    await fake.after();
    return answer;
  };
  return {
    postEarn: (_: unknown, { input }: { input: Order }, { caller }: Context) =>
      around('postEarn', caller, () => {
        const { merchantId, memberId, points, externalRef, lines } = input;
        const { campaignId = null, ruleVersion = null } = input;
        const versions = { reverses: null, campaignId, ruleVersion };
        return post(fake, input.idempotencyKey, {
          kind: 'EARN',
          ...{ merchantId, memberId, points, externalRef, lines, ...versions },
        });
      }),
    reversePosting: (_: unknown, { input }: { input: Order }, { caller }: Context) =>
      around('reversePosting', caller, () => {
        const earn = [...fake.postings.values()].find(({ id }) => id === input.postingId)!;
        const { externalRef, lines } = input;
        const short = lines.some((line) => line.points > leftOfLine(fake, earn, line.id));
        if (short && !fake.postings.has(input.idempotencyKey))
          return { __typename: 'NotReversible', code: 'NOT_REVERSIBLE', message: 'short', remaining: 0n };
        const of = {
          ...earn,
          kind: 'REVERSE' as const,
          reverses: earn.id,
          points: sum(lines),
          lines,
          externalRef,
        };
        const { id: _id, ...posting } = of;
        return post(fake, input.idempotencyKey, posting);
      }),
  };
}

function resolvers(fake: FakeAccounts) {
  return {
    ...scalarResolvers,
    Query: {
      resolveMember: (_: unknown, { member }: Choice, { caller }: Context) => {
        fake.calls.push({ operation: 'resolveMember', caller });
        const actor = actorOf(caller);
        const merchantId = actor.kind === 'MERCHANT' ? actor.merchantId : '';
        const known = fake.members.filter(({ references }) => references[merchantId] !== undefined);
        return (
          known.find(
            ({ id, cardNumber, references }) =>
              id === member.id ||
              cardNumber === member.cardNumber ||
              references[merchantId] === member.reference,
          ) ?? null
        );
      },
      merchant: (_: unknown, { id }: { id: string }) => {
        const currency = fake.merchants.get(id);
        return currency === undefined ? null : { id, currency };
      },
      programme: (_: unknown, { code }: { code: string }) => (fake.programmes.has(code) ? { code } : null),
    },
    Mutation: mutations(fake),
  };
}

/** Starts the fake with the pet shop and the café, whose customers are `mem_ann` (of both) and `mem_bob` (of the café). */
export async function startFakeAccounts(key: CallerKey): Promise<FakeAccounts> {
  const server: { running?: RunningServer } = {};
  const registeredAt = new Date('2026-01-01T00:00:00Z');
  const fake: FakeAccounts = {
    get url() {
      return server.running!.url;
    },
    members: [
      {
        id: 'mem_ann',
        registeredAt,
        cardNumber: '1'.repeat(16),
        references: { mer_pet: 'ann', mer_cafe: 'a-1' },
      },
      { id: 'mem_bob', registeredAt, cardNumber: '2'.repeat(16), references: { mer_cafe: 'bob' } },
    ],
    merchants: new Map([
      ['mer_pet', 'CNY'],
      ['mer_cafe', 'CNY'],
    ]),
    programmes: new Set(['SHARED']),
    postings: new Map(),
    calls: [],
    before: async () => {},
    after: async () => {},
    refusal: null,
    stop: () => server.running!.stop(),
  };
  server.running = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers: resolvers(fake),
    createContext: (caller) => ({ caller }),
    ready: async () => {},
    ...{
      key,
      memberIds: plainMemberIds,
      host: '127.0.0.1',
      port: 0,
      log: createLog('fake accounts', 'silent'),
    },
  });
  return fake;
}

import { pino } from 'pino';
import { readSubgraphSchema } from '../../../schema/subgraphs.ts';
import { startCharity } from '../../../subgraphs/charity/start.ts';
import {
  actorOf,
  type Caller,
  callerHeader,
  callerKey,
  signCaller,
} from '../../../subgraphs/shared/caller.ts';
import type { Clock } from '../../../subgraphs/shared/ids.ts';
import { scalarResolvers } from '../../../subgraphs/shared/scalars.ts';
import { type RunningServer, startSubgraphServer } from '../../../subgraphs/shared/subgraph-server.ts';
import { plainMemberIds } from '../../support/member-ids.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';

export const key = callerKey('a secret of the tests, 32 characters or more');
const log = pino({ level: 'silent' });

interface FakeMember {
  readonly id: string;
  readonly locale: string;
  readonly registeredBy: readonly string[];
  readonly references: Readonly<Record<string, string>>;
  readonly cardNumber: string;
  points: bigint;
}

/** Stands for accounts: real schema and transport, balances and idempotency keys in memory. */
export interface FakeAccounts {
  readonly url: string;
  readonly members: Map<string, FakeMember>;
  /** What was posted, by idempotency key. */
  readonly postings: Map<string, { id: string; memberId: string; causeId: string; points: bigint }>;
  /** Callers of each call that arrived. */
  readonly calls: { operation: string; caller: Caller }[];
  /** Runs before a donation is posted; may throw or wait. */
  before: () => Promise<void>;
  /** Runs after a donation was posted, before it is answered; may throw or wait. */
  after: () => Promise<void>;
  addMember(member: Partial<FakeMember> & { id: string }): FakeMember;
  stop(): Promise<void>;
}

type Args<T> = T & Record<string, unknown>;

function accountsResolvers(fake: FakeAccounts) {
  const note = (operation: string, caller: Caller) => fake.calls.push({ operation, caller });
  const refuseShort = (available: bigint, shortBy: bigint) => ({
    __typename: 'NotEnoughPoints',
    code: 'NOT_ENOUGH_POINTS',
    message: 'short',
    available,
    shortBy,
    availableFrom: null,
  });
  const notFound = (what: string, id: string) => ({
    __typename: 'NotFound',
    code: 'NOT_FOUND',
    message: 'none',
    what,
    id,
  });
  return {
    ...scalarResolvers,
    Query: {
      resolveMember: (
        _: unknown,
        { member }: Args<{ member: { id?: string; reference?: string; cardNumber?: string } }>,
        { caller }: { caller: Caller },
      ) => {
        note('resolveMember', caller);
        const actor = actorOf(caller);
        const merchantId = actor.kind === 'MERCHANT' ? actor.merchantId : '';
        return (
          [...fake.members.values()].find(
            (each) =>
              each.id === member.id ||
              each.cardNumber === member.cardNumber ||
              (member.reference && each.references[merchantId] === member.reference),
          ) ?? null
        );
      },
    },
    Mutation: {
      postDonation: async (
        _: unknown,
        {
          input,
        }: Args<{
          input: {
            idempotencyKey: string;
            memberId: string;
            causeId: string;
            programme: string;
            points: bigint;
          };
        }>,
        { caller }: { caller: Caller },
      ) => {
        note('postDonation', caller);
        await fake.before();
        const { idempotencyKey, memberId, causeId, programme, points } = input;
        const earlier = fake.postings.get(idempotencyKey);
        const member = fake.members.get(memberId);
        if (!member) return notFound('MEMBER', memberId);
        if (programme !== 'SHARED') return notFound('PROGRAMME', programme);
        if (!earlier && member.points < points) return refuseShort(member.points, points - member.points);
        const posting = earlier ?? { id: `pos_${fake.postings.size + 1}`, memberId, causeId, points };
        if (!earlier) {
          member.points -= points;
          fake.postings.set(idempotencyKey, posting);
        }
        await fake.after();
        return {
          __typename: 'PointsPosted',
          posting: { ...posting, memberIds: [memberId], merchantIds: [] },
          replayed: earlier !== undefined,
        };
      },
    },
  };
}

export async function startFakeAccounts(): Promise<FakeAccounts> {
  let server: RunningServer;
  const members = new Map<string, FakeMember>();
  const fake: FakeAccounts = {
    get url() {
      return server.url;
    },
    members,
    postings: new Map(),
    calls: [],
    before: async () => {},
    after: async () => {},
    addMember: (given) => {
      const card = String(members.size + 1).padStart(16, '0');
      const member = {
        locale: 'en',
        registeredBy: ['mer_pets'],
        references: { mer_pets: `ref-${given.id}` },
        cardNumber: card,
        points: 10_000n,
        ...given,
      };
      members.set(member.id, member);
      return member;
    },
    stop: () => server.stop(),
  };
  server = await startSubgraphServer({
    typeDefs: readSubgraphSchema('accounts'),
    resolvers: accountsResolvers(fake),
    createContext: (caller) => ({ caller }),
    ready: async () => {},
    key,
    memberIds: plainMemberIds,
    host: '127.0.0.1',
    port: 0,
    log,
  });
  return fake;
}

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: what a test's own query asks for.
  readonly data: any;
  readonly errors?: readonly { message: string; extensions: { code: string } }[];
}

/** Charity on its own database, with accounts played by a fake. */
export interface CharityWorld {
  readonly accounts: FakeAccounts;
  readonly mongo: TestMongo;
  readonly database: string;
  readonly charity: RunningServer;
  send(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startCharityWorld(
  options: { clock?: Clock; sweepEveryMs?: number } = {},
): Promise<CharityWorld> {
  const mongo = await startTestMongo();
  const accounts = await startFakeAccounts();
  const database = mongo.database('charity');
  const where = { uri: mongo.uri, database, key, memberIds: plainMemberIds, host: '127.0.0.1', port: 0, log };
  const charity = await startCharity({
    ...where,
    accountsUrl: accounts.url,
    sweepEveryMs: 60_000,
    ...options,
  });
  return {
    accounts,
    mongo,
    database,
    charity,
    send: async (caller, query, variables = {}) => {
      const response = await fetch(charity.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [callerHeader]: await signCaller(caller, key) },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as Answer;
    },
    stop: async () => {
      await charity.stop();
      await accounts.stop();
      await mongo.stop();
    },
  };
}

export const operator: Caller = { kind: 'OPERATOR', subject: 'op' };
export const auditor: Caller = { kind: 'AUDITOR', subject: 'au' };
export const nobody: Caller = { kind: 'PUBLIC' };
export const memberCaller = (memberId: string): Caller => ({ kind: 'MEMBER', memberId });
export const merchantCaller = (
  merchantId: string,
  scopes: string[] = ['MANAGE', 'REDEMPTIONS', 'READ'],
): Caller => ({ kind: 'MERCHANT', merchantId, clientId: 'cli', scopes });

let keys = 0;
/** An idempotency key that no other request uses. */
export const freshKey = (): string => `key-${++keys}`;

const refusalFields = `... on Refusal { code message }
  ... on InvalidInput { field expected }`;

export const openCauseMutation = `mutation ($input: OpenCauseInput!) { openCause(input: $input) {
  __typename ... on CauseOpened { cause { id name pointsDonated donationCount openedAt } } ${refusalFields} } }`;

export const pledgeMutation = `mutation ($input: PledgeMatchingInput!) { pledgeMatching(input: $input) {
  __typename ... on MatchingPledged { pledge { id goods unit limitQuantity reservedQuantity remainingQuantity
  agreementRef merchant { id } cause { id } } } ${refusalFields} ... on NotFound { what id } } }`;

export const donateMutation = `mutation ($input: DonatePointsInput!) { donatePoints(input: $input) {
  __typename ... on PointsDonated { replayed member { id } donation { id points status receiptNumber impact
  posting { id } programme { code } cause { id pointsDonated } matches { quantity pledge { id goods } } } }
  ${refusalFields} ... on NotFound { what id } ... on NotEnoughPoints { available shortBy availableFrom } } }`;

/** Opens a cause and gives its id. */
export async function givenCause(world: CharityWorld, change: Record<string, unknown> = {}): Promise<string> {
  const input = {
    idempotencyKey: freshKey(),
    name: 'Harbour Cats',
    description: 'Feeds the cats of the harbour.',
    kind: 'animal rescue',
    charityName: 'Harbour Animal Aid',
    charityRegistrationNumber: 'EXAMPLE-1',
    ...change,
  };
  const answer = await world.send(operator, openCauseMutation, { input });
  return answer.data.openCause.cause.id;
}

/** Pledges 1 g of pet food a point, up to 500 kg, and gives the pledge's id. */
export async function givenPledge(
  world: CharityWorld,
  causeId: string,
  change: Record<string, unknown> = {},
  merchantId = 'mer_pets',
): Promise<string> {
  const input = {
    idempotencyKey: freshKey(),
    causeId,
    goods: 'pet food',
    unit: 'g',
    pointsPerStep: 1_000,
    quantityPerStep: 1_000,
    limitQuantity: 500_000,
    agreementRef: 'agreement 12',
    ...change,
  };
  const answer = await world.send(merchantCaller(merchantId), pledgeMutation, { input });
  return answer.data.pledgeMatching.pledge.id;
}

/** Sends a donation and gives the mutation's answer. */
export async function donate(
  world: CharityWorld,
  caller: Caller,
  input: Record<string, unknown>,
): // biome-ignore lint/suspicious/noExplicitAny: the mutation's answer.
Promise<any> {
  const answer = await world.send(caller, donateMutation, {
    input: { idempotencyKey: freshKey(), ...input },
  });
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data.donatePoints;
}

// Runs the rewards-catalogue subgraph in a process that dies in the middle of its work. Started by crashing.ts, which
// asks for one server a plan. Each server's work stops for ever at the point of its plan, and the process then kills
// itself: to the database and to accounts, that is a process that died at each of these points.
import { createAccountsClient } from '../../subgraphs/rewards-catalogue/accounts-client.ts';
import type { CataloguePorts } from '../../subgraphs/rewards-catalogue/ports.ts';
import { createPorts, ping, serveCatalogue } from '../../subgraphs/rewards-catalogue/start.ts';
import { callerKey } from '../../subgraphs/shared/caller.ts';
import { createLog } from '../../subgraphs/shared/log.ts';
import { buildIndexes, connectMongo } from '../../subgraphs/shared/mongo.ts';
import { createServiceClient } from '../../subgraphs/shared/service-client.ts';
import type { CrashPlan, CrashSettings, FromCrashing, ToCrashing } from './crashing.ts';
import { plainMemberIds } from './member-ids.ts';

/** What a redemption or a cancellation does to the world: calls of accounts, writes of stores, transactions. */
const points = {
  accounts: ['holdPoints', 'capturePoints', 'voidHold', 'reversePosting'],
  rewards: ['takeOne', 'giveBack'],
  redemptions: ['insert', 'move', 'startCancelling'],
  vouchers: ['insert', 'activate', 'withdraw', 'voidUnused'],
} as const;

type Work = (...args: unknown[]) => Promise<unknown>;
type Guard = (name: string, work: Work) => Work;

const tell = (message: FromCrashing): void => void process.send!(message);

/** Counts the points that one server reaches, tells of each, and stops for ever before or after the planned one. */
function createGuard(server: number, plan: CrashPlan): Guard {
  let reached = 0;
  const stopHere = (): Promise<never> => {
    tell({ kind: 'stopped', server });
    return new Promise(() => {});
  };
  return (name, work) =>
    async (...args) => {
      const number = ++reached;
      tell({ kind: 'reached', server, name });
      if (number === plan.at && plan.when === 'before') await stopHere();
      const result = await work(...args);
      if (number === plan.at && plan.when === 'after') await stopHere();
      return result;
    };
}

function guardPorts(ports: CataloguePorts, guard: Guard): CataloguePorts {
  const guarded: Record<string, unknown> = { ...ports };
  for (const [port, names] of Object.entries(points)) {
    const real = ports[port as keyof typeof points] as unknown as Record<string, Work>;
    const armed = names.map((name) => [name, guard(`${port}.${name}`, (...args) => real[name]!(...args))]);
    guarded[port] = { ...real, ...Object.fromEntries(armed) };
  }
  guarded['transaction'] = guard('transaction', (work) => ports.transaction(work as () => Promise<unknown>));
  return guarded as unknown as CataloguePorts;
}

async function main({ uri, database, secret, accountsUrl }: CrashSettings): Promise<void> {
  const key = callerKey(secret);
  const log = createLog('crashing-catalogue', 'fatal');
  const connection = await connectMongo(uri, database);
  const client = createServiceClient({ service: 'rewards-catalogue', url: accountsUrl, key });
  const ports = createPorts(connection, createAccountsClient(client), {});
  await buildIndexes(connection);
  const options = {
    ...{ uri, database, key, memberIds: plainMemberIds, log, accountsUrl },
    ...{ host: '127.0.0.1', port: 0, sweepEveryMs: 3_600_000 },
  };
  const serve = async (server: number, plan: CrashPlan): Promise<void> => {
    const guarded = guardPorts(ports, createGuard(server, plan));
    const { url } = await serveCatalogue(guarded, () => ping(connection), options);
    tell({ kind: 'serving', server, url });
  };
  process.on('message', (message: ToCrashing) => {
    if (message.kind === 'die') process.kill(process.pid, 'SIGKILL');
    else void serve(message.server, message.plan);
  });
  process.on('disconnect', () => process.exit(0));
  tell({ kind: 'ready' });
}

await main(JSON.parse(process.env['CRASH_SETTINGS']!) as CrashSettings);

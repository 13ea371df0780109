// npm start: the whole coalition in one go. The one file that knows the gateway and every subgraph.
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import type { SubgraphName } from '../schema/subgraphs.ts';
import { callerKey } from '../subgraphs/shared/caller.ts';
import { readConfig, StartError } from '../subgraphs/shared/config.ts';
import { createMemberIds, type MemberIds } from '../subgraphs/shared/member-ids.ts';
import { type Running, runProcess } from '../subgraphs/shared/run-process.ts';
import type { SeededDemo, SeedPorts } from './demo/seed.ts';
import {
  checkCombination,
  type LaunchArguments,
  type LaunchConfig,
  launchConfig,
  readArguments,
  usage,
} from './launch/arguments.ts';
import { databaseFolder, type LaunchDatabase, resetDatabase, startDatabase } from './launch/database.ts';
import {
  type LaunchKeys,
  launchTokenIssuer,
  readOrMakeKeys,
  readOrMakeMemberIdSecret,
  readOrMakeRecordsKey,
} from './launch/keys.ts';
import { noteRunning } from './launch/running.ts';
import { startUndoing, type Undoing } from './launch/undoing.ts';

const host = '127.0.0.1';

/** Loaded while the database's process starts: this is most of what starting takes. */
async function loadParts() {
  const parts = await Promise.all([
    import('./start.ts'),
    import('../subgraphs/accounts/start.ts'),
    import('../subgraphs/rewards-catalogue/start.ts'),
    import('../subgraphs/campaigns/start.ts'),
    import('../subgraphs/charity/start.ts'),
    import('../subgraphs/shared/log.ts'),
    import('../subgraphs/shared/subgraph-server.ts'),
    import('./token/issuer.ts'),
    import('./demo/seed.ts'),
    import('./demo/demo-client.ts'),
    import('./launch/banner.ts'),
    import('./demo/backdated.ts'),
  ]);
  const [gateway, accounts, catalogue, campaigns, charity, log, server, issuer, seed, client, text, past] =
    parts;
  return {
    ...{ ...gateway, ...accounts, ...catalogue, ...campaigns, ...charity },
    ...{ ...log, ...server, ...issuer, ...seed, ...client, ...text, ...past },
  };
}

type Parts = Awaited<ReturnType<typeof loadParts>>;

interface Launch {
  readonly args: LaunchArguments;
  readonly config: LaunchConfig;
  readonly keys: LaunchKeys;
  readonly memberIds: MemberIds;
  readonly parts: Parts;
  readonly undoing: Undoing;
}

async function openDatabase(args: LaunchArguments, config: LaunchConfig): Promise<LaunchDatabase> {
  if (config.MONGODB_URI) {
    const { openForeignDatabase } = await import('./launch/foreign-database.ts');
    return openForeignDatabase(config.MONGODB_URI);
  }
  if (args.reset) await resetDatabase(config.DATA_FOLDER);
  return startDatabase(args.memory ? null : config.DATA_FOLDER);
}

/** Says at once that a port is taken, before anything else is started. */
async function probePort(port: number): Promise<void> {
  if (port === 0) return;
  const { listen } = await import('../subgraphs/shared/subgraph-server.ts');
  const server = createServer();
  await listen(server, host, port);
  await new Promise((done) => server.close(done));
}

const subgraphOptions =
  ({ config, keys, memberIds, parts }: Launch, uri: string) =>
  (name: SubgraphName) => ({
    uri,
    database: `${config.DATABASE_PREFIX}-${name}`,
    key: callerKey(keys.internalSecret),
    memberIds,
    host,
    port: 0,
    log: parts.createLog(name, config.LOG_LEVEL),
  });

async function startSubgraphs(launch: Launch, uri: string): Promise<Record<SubgraphName, string>> {
  const { parts, undoing, config } = launch;
  const options = subgraphOptions(launch, uri);
  const signingKey = await readOrMakeRecordsKey(config.DATA_FOLDER);
  const webhooks = { allowLoopback: config.WEBHOOK_ALLOW_LOOPBACK };
  // The others are told of events once they are there: each asks accounts for something, so accounts starts first.
  const urls = new Map<string, string>();
  const subscriberUrl = (name: string) => urls.get(name) ?? null;
  const accounts = undoing.add(
    await parts.startAccounts({ ...options('accounts'), signingKey, webhooks, subscriberUrl }),
  );
  const accountsUrl = accounts.url;
  const [catalogue, campaigns, charity] = await Promise.all([
    parts.startRewardsCatalogue({ ...options('rewards-catalogue'), accountsUrl }).then(undoing.add),
    parts.startCampaigns({ ...options('campaigns'), accountsUrl }).then(undoing.add),
    parts.startCharity({ ...options('charity'), accountsUrl }).then(undoing.add),
  ]);
  const found = {
    accounts: accounts.url,
    'rewards-catalogue': catalogue.url,
    campaigns: campaigns.url,
    charity: charity.url,
  };
  for (const [name, url] of Object.entries(found)) urls.set(name, url);
  return found;
}

async function seed({ args, config, parts }: Launch, ports: SeedPorts): Promise<SeededDemo | null> {
  if (config.MONGODB_URI && !args.demo) return null;
  const there = await parts.whatIsThere(ports);
  if (there === 'OTHERS') {
    if (args.demo) throw new StartError('--demo needs an empty store: this one holds other merchants');
    return null;
  }
  try {
    return await parts.seedDemo(ports);
  } catch (error) {
    if (!(error instanceof parts.DemoError)) throw error;
    if (there === 'NOTHING') throw new StartError(`the demo data could not be put in: ${error.message}`);
    console.error(`The demo data was put in by another version and is left as it is: ${error.message}`);
    return null;
  }
}

function whereData({ args, config }: Launch): string {
  if (config.MONGODB_URI) return `MONGODB_URI, databases ${config.DATABASE_PREFIX}-*`;
  return args.memory ? 'in memory, gone when this ends' : resolve(databaseFolder(config.DATA_FOLDER));
}

/** Everything after the database: subgraphs, gateway, demo data, and what to tell. */
async function startCoalition(launch: Launch, uri: string, port: number): Promise<void> {
  const { config, keys, memberIds, parts, undoing } = launch;
  const subgraphs = await startSubgraphs(launch, uri);
  let demo: SeededDemo | null = null;
  const gateway = await parts.startGateway({
    host,
    port,
    log: parts.createLog('gateway', config.LOG_LEVEL),
    key: callerKey(keys.internalSecret),
    memberIds,
    signingKey: keys.tokenSigningKey,
    tokenIssuer: launchTokenIssuer,
    subgraphs,
    introspection: true,
    graphiql: true,
    demo: () => demo,
  });
  undoing.add(gateway);
  const issuer = await parts.createTokenIssuer(keys.tokenSigningKey, launchTokenIssuer, memberIds);
  const accounts = subgraphOptions(launch, uri)('accounts');
  const signingKey = await readOrMakeRecordsKey(config.DATA_FOLDER);
  const sendBackdated = parts.createBackdated(
    (clock) =>
      parts.startAccounts({ ...accounts, signingKey, clock, sweepEveryMs: 600_000, sealEveryMs: 600_000 }),
    accounts.key,
  );
  demo = await seed(launch, { send: parts.createSend(gateway.url), issuer, sendBackdated });
  const origin = new URL(gateway.url).origin;
  const note = { pid: process.pid, databaseUri: uri, origin };
  if (!config.MONGODB_URI) undoing.add(noteRunning(config.DATA_FOLDER, note));
  console.log(await parts.banner({ origin, store: whereData(launch), demo }, issuer));
}

async function launch(args: LaunchArguments, config: LaunchConfig): Promise<Running> {
  const port = args.port ?? config.PORT;
  const undoing = startUndoing();
  const opening = probePort(port)
    .then(() => openDatabase(args, config))
    .then(undoing.add);
  try {
    const [keys, secret, parts, database] = await Promise.all([
      readOrMakeKeys(config.DATA_FOLDER),
      readOrMakeMemberIdSecret(config.DATA_FOLDER),
      loadParts(),
      opening,
    ]);
    void database.ended.then((line) => {
      if (undoing.begun()) return;
      console.error(`jifen: ${line}`);
      process.exit(1);
    });
    const memberIds = createMemberIds(secret);
    await startCoalition({ args, config, keys, memberIds, parts, undoing }, database.uri, port);
  } catch (error) {
    // A database that is only just starting has to be there before it can be stopped.
    await opening.catch(() => {});
    await undoing.undo();
    throw error;
  }
  return { stop: undoing.undo };
}

await runProcess('jifen', async () => {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    console.log(usage);
    process.exit(0);
  }
  const config = readConfig(launchConfig, process.env);
  checkCombination(args, config);
  return launch(args, config);
});

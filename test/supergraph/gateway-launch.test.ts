import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { demoMerchants, demoProgramme } from '../../gateway/demo/coalition.ts';
import { createSend } from '../../gateway/demo/demo-client.ts';
import { demoOperations } from '../../gateway/demo/operations.ts';
import { readKeys } from '../../gateway/launch/keys.ts';
import { createTokenIssuer } from '../../gateway/token/issuer.ts';
import { freePort } from '../support/free-port.ts';
import { startTestMongo } from '../support/mongo.ts';

const root = join(import.meta.dirname, '..', '..');
const folders: string[] = [];
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'jifen-launch-'));
  folders.push(folder);
  return folder;
};

interface Launched {
  /** Everything it wrote to standard output until it ran or ended. */
  readonly output: string;
  readonly origin: string;
  readonly child: ChildProcess;
  /** Ends it as Ctrl-C does and gives its exit code. */
  stop(): Promise<number | null>;
}

function spawnLaunch(args: readonly string[], env: Record<string, string>) {
  const { MONGODB_URI: _, ...clean } = process.env;
  const child = spawn(process.execPath, ['tools/run.mjs', 'gateway/launch.ts', ...args], {
    cwd: root,
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.err += chunk.toString();
  });
  return { child, texts, closed: once(child, 'close') as Promise<[number | null]> };
}

/** Starts it and waits until it says how to stop it. */
async function launch(args: readonly string[], env: Record<string, string>): Promise<Launched> {
  const { child, texts, closed } = spawnLaunch(args, env);
  let ended = false;
  void closed.then(() => {
    ended = true;
  });
  while (!texts.out.includes('Ctrl-C')) {
    if (ended) throw new Error(`it ended: ${texts.err}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const stop = async () => {
    child.kill('SIGINT');
    return (await closed)[0];
  };
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(texts.out)![0];
  return { output: texts.out, origin, child, stop };
}

/** Starts it once the database of one that was killed has ended too, which it does by itself. */
async function launchOnceFree(env: Record<string, string>): Promise<Launched> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await launch(['--port', '0'], env);
    } catch (error) {
      if (attempt === 20 || !String(error).includes('is in use')) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** Makes a store one that somebody uses. */
async function openOtherMerchant(origin: string, folder: string): Promise<void> {
  const issuer = await createTokenIssuer(readKeys(folder)!.tokenSigningKey, 'jifen', null);
  const operator = await issuer.sign({ kind: 'OPERATOR', subject: 'test' }, 60);
  const send = createSend(`${origin}/graphql`);
  const programme = { ...demoProgramme, idempotencyKey: 'p' };
  await send(operator, demoOperations.publishProgramme, { input: programme });
  const merchant = { ...demoMerchants.cafe, name: 'Somebody', idempotencyKey: 'm' };
  await send(operator, demoOperations.openMerchant, { input: merchant });
}

/** Starts what cannot start. */
async function refused(args: readonly string[], env: Record<string, string>) {
  const { texts, closed } = spawnLaunch(args, env);
  const [code] = await closed;
  return { code, ...texts };
}

const line = (text: string) => ({ code: 1, out: '', err: `jifen: ${text}\n` });

interface Example {
  readonly operation: string;
  readonly kind: string;
  readonly query: string;
  readonly variables: string;
}

async function post(origin: string, token: string | null, query: string, variables: object = {}) {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  return response.json() as Promise<{ data: Record<string, { __typename?: string }>; errors?: unknown }>;
}

const tokensOf = (output: string): string[] => output.match(/^ {2}ey\S+$/gm)!.map((text) => text.trim());
const beneficiaries = '{ viewer { member { beneficiaries { label status } } } }';
const positions = '{ positions { issued honoured donated outstanding merchants { merchant { id name } } } }';

const expectedTypes: Record<string, string> = {
  StorefrontHome: 'viewer',
  Wallet: 'viewer',
  TillPurchase: 'PurchaseRecorded',
  Redeem: 'RewardRedeemed',
  Donate: 'PointsDonated',
  TillReturn: 'ReturnRecorded',
  TillVoucher: 'VoucherConsumed',
  Positions: 'positions',
  Postings: 'postings',
};

async function runCommand(text: string): Promise<unknown> {
  const child = spawn('sh', ['-c', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return JSON.parse(Buffer.concat(chunks).toString());
}

const firstAnswer = {
  data: {
    viewer: {
      member: {
        displayName: 'Demo Member One',
        wallet: { available: 2996 },
        affordableRewards: [
          { name: '20 yuan off any book', points: 2000 },
          { name: 'Bag of cat food, 1.5 kg', points: 1800 },
          { name: '10 yuan off groceries', points: 1000 },
        ],
      },
    },
  },
};

test('starts in memory, answers what it prints to try and every example, and stops cleanly', async () => {
  const folder = newFolder();
  const { origin, output, stop } = await launch(['--memory', '--port', '0'], { DATA_FOLDER: folder });
  const tokens = (await (await fetch(`${origin}/graphiql/demo-tokens`)).json()) as {
    kind: string;
    token: string;
  }[];
  const { examples } = (await (await fetch(`${origin}/graphiql/examples`)).json()) as { examples: Example[] };

  const printed = await runCommand(/curl -s \S+\/graphql[\s\S]*?}'$/m.exec(output)![0]);
  const token = await runCommand(/curl -s \S+\/token.*$/m.exec(output)![0]);
  const answers: Record<string, string> = {};
  for (const { operation, kind, query, variables } of examples) {
    const { token } = tokens.find((each) => each.kind === kind)!;
    const { data, errors } = await post(origin, token, query, variables ? JSON.parse(variables) : {});
    expect({ operation, errors }).toEqual({ operation, errors: undefined });
    const [[name, value]] = Object.entries(data) as [[string, { __typename?: string }]];
    answers[operation] = value.__typename ?? name;
  }

  const member = tokens.find((each) => each.kind === 'MEMBER')!.token;
  const may = await post(origin, member, beneficiaries);

  expect(may.data['viewer']).toEqual({
    member: { beneficiaries: [{ label: '演示会员二号', status: 'EFFECTIVE' }] },
  });
  expect(printed).toEqual(firstAnswer);
  expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  expect(answers).toEqual(expectedTypes);
  expect(tokens.map(({ kind }) => kind)).toEqual(['MEMBER', 'MERCHANT', 'OPERATOR', 'AUDITOR']);
  expect(tokensOf(output)).toHaveLength(4);
  expect(output).toContain('in memory, gone when this ends');
  expect(await stop()).toBe(0);
  expect(() => statSync(join(folder, 'mongodb'))).toThrow('ENOENT');
});

test('keeps its data through a kill -9, refuses to share it, and empties it when told to', async () => {
  const env = { DATA_FOLDER: newFolder() };
  const first = await launch(['--port', '0'], env);
  const { port } = new URL(first.origin);
  const before = await post(first.origin, tokensOf(first.output)[2]!, positions);
  const shared = await refused(['--port', '0'], env);
  const sharedReset = await refused(['--port', '0', '--reset'], env);
  const taken = await refused(['--memory', '--port', port], env);

  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  const second = await launchOnceFree(env);
  const after = await post(second.origin, tokensOf(second.output)[2]!, positions);
  expect(await second.stop()).toBe(0);
  const third = await launch(['--port', '0', '--reset'], env);
  const anew = await post(third.origin, tokensOf(third.output)[2]!, positions);
  expect(await third.stop()).toBe(0);

  const inUse = { code: 1, out: '', err: expect.stringMatching(/^jifen: .*is in use by process \d+\n$/) };
  expect(shared).toEqual(inUse);
  expect(sharedReset).toEqual(inUse);
  expect(taken).toEqual(line(`port ${port} on 127.0.0.1 is taken: stop what uses it or choose another`));
  expect(before.data['positions']).toMatchObject({ issued: 5851, honoured: 650, donated: 1200 });
  expect(after).toEqual(before);
  expect(anew.data['positions']).toMatchObject({ issued: 5851, honoured: 650, donated: 1200 });
  expect(anew).not.toEqual(before);
  expect(first.output).toContain('shown this once');
  expect(second.output).not.toContain('shown this once');
  expect(statSync(join(env.DATA_FOLDER, 'keys.json')).mode & 0o777).toBe(0o600);
}, 240_000);

test.each([
  [['--port', 'x'], '--port must be 0 to 65535, got x'],
  [['--port', '65536'], '--port must be 0 to 65535, got 65536'],
  [['--prot', '1'], "Unknown option '--prot': npm start -- --help says what there is"],
  [['now'], "Unexpected argument 'now': npm start -- --help says what there is"],
])('refuses the arguments %j in one line', async (args, message) => {
  expect(await refused(args, { DATA_FOLDER: newFolder() })).toEqual(line(message));
});

test('says how it is used', async () => {
  const { code, out, err } = await refused(['--help'], {});

  expect(code).toBe(0);
  expect(err).toBe('');
  expect(out).toContain('--memory');
});

// It gives a server ten seconds to answer: the others do not wait for that.
test.concurrent('says in one line that a MONGODB_URI cannot be used, without its password', async () => {
  const port = await freePort();
  const env = { DATA_FOLDER: newFolder(), MONGODB_URI: `mongodb://me:secret@127.0.0.1:${port}/` };
  const { code, out, err } = await refused(['--port', '0'], env);

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^jifen: [^\n]*127\.0\.0\.1[^\n]*\n$/);
  expect(err).not.toContain('secret');
});

test.each([
  [
    ['--memory'],
    { MONGODB_URI: 'mongodb://127.0.0.1:1/' },
    '--memory is for the embedded database: unset MONGODB_URI or leave it out',
  ],
  [
    ['--reset'],
    { MONGODB_URI: 'mongodb://127.0.0.1:1/' },
    '--reset is for the embedded database: a MONGODB_URI is never emptied',
  ],
  [
    [],
    { MONGODB_URI: 'localhost' },
    'bad configuration: MONGODB_URI: must start with mongodb:// or mongodb+srv://',
  ],
])('refuses %j with %j', async (args, env, message) => {
  expect(await refused(args, { DATA_FOLDER: newFolder(), ...env })).toEqual(line(message));
});

test('says in one line which file of the data folder is damaged', async () => {
  const [keys, data] = [newFolder(), newFolder()];
  writeFileSync(join(keys, 'keys.json'), '{"internalSecret": 1');
  mkdirSync(join(data, 'mongodb'));
  writeFileSync(join(data, 'mongodb', 'data.log'), 'not a journal'.repeat(1000));

  const [badKeys, badData] = await Promise.all([
    refused(['--port', '0'], { DATA_FOLDER: keys }),
    refused(['--port', '0'], { DATA_FOLDER: data }),
  ]);

  expect(badKeys).toEqual(
    line(`${join(keys, 'keys.json')} is damaged: remove it to have new keys made (tokens given so far end)`),
  );
  expect(badData).toMatchObject({ code: 1, out: '' });
  expect(badData.err).toMatch(/^jifen: [^\n]*damaged[^\n]*\n$/);
});

test('goes on with the demo data where a killed start left off', async () => {
  const env = { DATA_FOLDER: newFolder() };
  const port = await freePort();
  const { child, closed } = spawnLaunch(['--port', String(port)], env);
  const opened = async (): Promise<number> => {
    const answer = await post(`http://127.0.0.1:${port}`, null, '{ merchants { edges { cursor } } }').catch(
      () => null,
    );
    return (answer?.data['merchants'] as unknown as { edges: unknown[] } | undefined)?.edges.length ?? 0;
  };

  let merchants = 0;
  while (merchants === 0) merchants = await opened();
  child.kill('SIGKILL');
  await closed;
  const again = await launchOnceFree(env);
  const answer = await post(again.origin, tokensOf(again.output)[2]!, positions);

  expect(answer.data['positions']).toMatchObject({ issued: 5851, honoured: 650, donated: 1200 });
  expect(again.output).not.toContain('another version');
  expect(await again.stop()).toBe(0);
}, 240_000);

test('puts demo data into a MONGODB_URI only when told to, and only into an empty one', async () => {
  const mongo = await startTestMongo();
  const run = mongo.database('').slice(0, 16);
  const common = { DATA_FOLDER: newFolder(), MONGODB_URI: mongo.uri };
  const [used, empty] = [
    { ...common, DATABASE_PREFIX: `${run}a` },
    { ...common, DATABASE_PREFIX: `${run}b` },
  ];
  const merchants = '{ merchants { edges { node { name } } } }';
  try {
    const plain = await launch(['--port', '0'], used);
    const nothing = await post(plain.origin, null, merchants);
    await openOtherMerchant(plain.origin, common.DATA_FOLDER);
    expect(await plain.stop()).toBe(0);
    const refusal = await refused(['--port', '0', '--demo'], used);
    const demo = await launch(['--port', '0', '--demo'], empty);
    const seeded = await post(demo.origin, null, merchants);
    expect(await demo.stop()).toBe(0);

    expect(nothing.data).toEqual({ merchants: { edges: [] } });
    expect(plain.output).toContain('There is no demo data in this store');
    expect(refusal).toEqual(line('--demo needs an empty store: this one holds other merchants'));
    expect(tokensOf(demo.output)).toHaveLength(4);
    expect((seeded.data['merchants'] as unknown as { edges: unknown[] }).edges).toHaveLength(4);
  } finally {
    await mongo.stop();
  }
}, 240_000);

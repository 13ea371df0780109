import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { z } from 'zod';
import { gatewayConfig } from '../../gateway/config.ts';
import { accountsConfig } from '../../subgraphs/accounts/config.ts';
import { charityConfig } from '../../subgraphs/charity/config.ts';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command: string[];
  readonly restart?: string;
  readonly environment?: Record<string, string | null>;
  readonly ports?: string[];
  readonly networks: string[];
  readonly volumes?: string[];
  readonly healthcheck: { readonly test: string[] };
  readonly depends_on?: Record<string, { condition: string }>;
}

const root = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
};

/** The processes, with what each checks its environment by. The three that ask accounts are checked alike. */
const shapes: Record<string, z.ZodObject> = {
  accounts: accountsConfig,
  'rewards-catalogue': charityConfig,
  campaigns: charityConfig,
  charity: charityConfig,
  gateway: gatewayConfig,
};
const subgraphs = Object.keys(shapes).filter((name) => name !== 'gateway');
const processes = Object.keys(shapes);
const service = (name: string): Service => compose.services[name]!;

const secrets = {
  INTERNAL_SECRET: 'a secret of the tests, 32 characters or more',
  MEMBER_ID_SECRET: 'another secret of the tests, 32 characters too',
  TOKEN_SIGNING_KEY: JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }),
  RECORDS_SIGNING_KEY: JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }),
};

/** Fills `${NAME:-default}` and `${NAME:?message}` in as docker compose does; throws for a required one that is missing. */
const fill = (text: string, given: Record<string, string>): string =>
  text.replace(/\$\{(\w+)(:[-?])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
    if (given[name]) return given[name];
    if (kind === ':-') return rest;
    throw new Error(`${name} is required: ${rest}`);
  });

/** What a service's process gets as its environment. Names without a value are passed on where they are set: here, not. */
const environmentOf = (name: string, given: Record<string, string> = secrets): Record<string, string> =>
  Object.fromEntries(
    Object.entries(service(name).environment ?? {}).flatMap(([key, value]) =>
      value === null ? [] : [[key, fill(String(value), given)]],
    ),
  );

/** The source of the file that a service starts. */
const sourceOf = (name: string): string =>
  service(name)
    .command.at(-1)!
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts');

describe('docker-compose.yml', () => {
  test('starts the database, the four subgraphs and the gateway', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...processes, 'mongodb'].sort());
  });

  test('publishes one port: the gateway its own', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${fill(port, {})}`),
    );

    expect(published).toEqual([`gateway 4000:${environmentOf('gateway')['PORT']}`]);
  });

  test.each([...processes, 'mongodb'])('restarts %s and checks its health', (name) => {
    expect(service(name).restart).toBe('unless-stopped');
    expect(service(name).healthcheck.test[0]).toBe('CMD');
  });

  test.each(processes)('checks that %s is ready, on the port that it listens on', (name) => {
    expect(service(name).healthcheck.test.join(' ')).toContain(
      "'http://127.0.0.1:' + process.env.PORT + '/health/ready'",
    );
    expect(environmentOf(name)).toMatchObject({
      HOST: '0.0.0.0',
      PORT: expect.stringMatching(/^[1-9]\d{3}$/),
    });
  });

  test('starts each once what it needs is healthy', () => {
    const needs = Object.fromEntries(
      processes.map((name) => [name, Object.keys(service(name).depends_on ?? {}).sort()]),
    );
    const conditions = processes.flatMap((name) =>
      Object.values(service(name).depends_on ?? {}).map((need) => need.condition),
    );

    expect(needs).toEqual({
      accounts: ['mongodb'],
      'rewards-catalogue': ['accounts', 'mongodb'],
      campaigns: ['accounts', 'mongodb'],
      charity: ['accounts', 'mongodb'],
      gateway: [...subgraphs].sort(),
    });
    expect(new Set(conditions)).toEqual(new Set(['service_healthy']));
  });

  test('keeps the database from the gateway, and from outside everything but the gateway and what sends webhooks', () => {
    expect(service('mongodb').networks).toEqual(['data']);
    expect(service('gateway').networks).not.toContain('data');
    const open = Object.keys(compose.networks).filter((name) => !compose.networks[name]?.internal);
    const reachable = Object.keys(compose.services).filter((name) =>
      service(name).networks.some((network) => open.includes(network)),
    );
    // Accounts reaches out to webhooks on a network of its own; it publishes no port, so nothing reaches in.
    expect(reachable).toEqual(['accounts', 'gateway']);
    expect(service('accounts').networks).toEqual(['data', 'inside', 'partners']);
    expect(service('accounts').ports).toBeUndefined();
  });
});

describe('the environment', () => {
  test.each(processes)('of %s is accepted by the code', (name) => {
    const { error } = shapes[name]!.safeParse(environmentOf(name));

    expect(error?.issues ?? []).toEqual([]);
  });

  test.each(processes)('of %s has every variable that the code requires', (name) => {
    const { error } = shapes[name]!.safeParse({});

    const required = error!.issues.map((issue) => String(issue.path[0]));
    expect(required).toContain('INTERNAL_SECRET');
    expect(Object.keys(environmentOf(name))).toEqual(expect.arrayContaining(required));
  });

  test.each(processes)('of %s names no variable that the code does not know', (name) => {
    const known = Object.keys(shapes[name]!.shape);

    expect(Object.keys(service(name).environment!).filter((key) => !known.includes(key))).toEqual([]);
  });

  // The shapes of some processes are inside their server.ts: what it reads has to be known to the shape used here.
  test.each(subgraphs)('that %s reads is what this test checks it by', (name) => {
    const source = read(sourceOf(name));
    const names = new Set(
      [...source.matchAll(/\b([A-Z]+(?:_[A-Z]+)+|HOST|PORT)\b/g)].map((match) => match[0]),
    );

    expect([...names].sort()).toEqual(Object.keys(shapes[name]!.shape).sort());
  });

  test.each([
    ['INTERNAL_SECRET', processes],
    ['MEMBER_ID_SECRET', processes],
    ['TOKEN_SIGNING_KEY', ['gateway']],
    ['RECORDS_SIGNING_KEY', ['accounts']],
  ])('has %s from outside and does not start without it', (secret, names) => {
    for (const name of names) {
      expect(service(name).environment![secret]).toMatch(new RegExp(`^\\$\\{${secret}:\\?.+\\}$`));
      expect(() => environmentOf(name, { ...secrets, [secret]: '' })).toThrow(`${secret} is required`);
    }
  });

  test('names subgraphs by a service on a shared network, at the port it listens on', () => {
    for (const name of processes) {
      const urls = Object.entries(environmentOf(name)).filter(([key]) => key.endsWith('_URL'));
      for (const [key, value] of urls) {
        const { hostname, port, pathname } = new URL(value);
        expect(hostname).toBe(key.replace('_URL', '').toLowerCase().replace('_', '-'));
        expect(port).toBe(environmentOf(hostname)['PORT']);
        expect(pathname).toBe('/graphql');
        expect(service(hostname).networks.some((shared) => service(name).networks.includes(shared))).toBe(
          true,
        );
      }
    }
  });
});

describe('the database', () => {
  const mongodb = service('mongodb');

  /** Runs the health check's script against a stand-in for mongosh. */
  function runCheck({ state }: { state: 'fresh' | 'secondary' | 'primary' | 'broken' }) {
    const seen = { initiated: [] as unknown[], quit: 0 };
    const shell = {
      rs: {
        status: () => {
          if (state === 'fresh') throw Object.assign(new Error('fresh'), { codeName: 'NotYetInitialized' });
          if (state === 'broken') throw new Error('broken');
        },
        initiate: (config: unknown) => seen.initiated.push(JSON.parse(JSON.stringify(config))),
      },
      db: { hello: () => ({ isWritablePrimary: state === 'primary' }) },
      quit: (code: number) => {
        seen.quit = code;
      },
    };
    runInContext(mongodb.healthcheck.test.at(-1)!, createContext(shell));
    return seen;
  }

  test('is MongoDB 8 with its data on a volume', () => {
    expect(mongodb.image).toMatch(/^mongo:8(\.|$)/);
    const [volume, folder] = mongodb.volumes![0]!.split(':');
    expect(Object.keys(compose.volumes)).toEqual([volume]);
    expect(folder).toBe('/data/db');
  });

  test('is a replica set of the name that the subgraphs connect to, which its health check initiates', () => {
    const set = mongodb.command[mongodb.command.indexOf('--replSet') + 1]!;

    for (const name of subgraphs) {
      const uri = new URL(environmentOf(name)['MONGODB_URI']!);
      expect(uri.host).toBe('mongodb:27017');
      expect(uri.searchParams.get('replicaSet')).toBe(set);
    }
    const fresh = runCheck({ state: 'fresh' });
    expect(fresh.initiated).toEqual([{ _id: set, members: [{ _id: 0, host: 'mongodb:27017' }] }]);
  });

  test('is healthy only as the primary, and initiated only while it is not', () => {
    expect(runCheck({ state: 'fresh' })).toMatchObject({ initiated: [expect.anything()], quit: 1 });
    expect(runCheck({ state: 'secondary' })).toMatchObject({ initiated: [], quit: 1 });
    expect(runCheck({ state: 'primary' })).toMatchObject({ initiated: [], quit: 0 });
    expect(() => runCheck({ state: 'broken' })).toThrow('broken');
  });
});

/** The Dockerfile's stages, each a list of instructions. */
function readStages(): { name: string; image: string; steps: string[] }[] {
  const lines = read('Dockerfile')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const stages: { name: string; image: string; steps: string[] }[] = [];
  for (const line of lines) {
    const from = /^FROM (\S+)(?: AS (\S+))?$/.exec(line);
    if (from) stages.push({ image: from[1]!, name: from[2] ?? 'final', steps: [] });
    else stages.at(-1)!.steps.push(line);
  }
  return stages;
}

describe('the Dockerfile', () => {
  const stages = readStages();
  const stage = (name: string) => stages.find((each) => each.name === name)!;
  const copies = stages.flatMap(({ steps }) =>
    steps.filter((step) => step.startsWith('COPY ') && !step.includes('--from')),
  );
  const copied = copies.flatMap((step) => step.split(' ').slice(1, -1));

  test('builds on the slim image of Node 20 in every stage', () => {
    expect(stages.map(({ image }) => image)).toEqual(Array(3).fill('node:20-slim'));
  });

  test('installs what the lock file says, for the last stage without development packages', () => {
    const runs = stages.map(({ steps }) => steps.filter((step) => step.startsWith('RUN npm')));

    expect(runs.map((steps) => steps.map((step) => step.split(' &&')[0]))).toEqual([
      ['RUN npm ci', 'RUN npm run build'],
      ['RUN npm ci --omit=dev'],
      [],
    ]);
    expect(stage('final').steps).toContain('COPY --from=dependencies /app/node_modules node_modules');
  });

  test('runs without privileges', () => {
    const { steps } = stage('final');

    expect(steps.filter((step) => step.startsWith('USER'))).toEqual(['USER node']);
    for (const name of processes) expect(service(name)).toMatchObject({ image: 'jifen', build: '.' });
  });

  test('copies only what exists, and what .dockerignore lets through', () => {
    const letThrough = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));

    for (const path of copied) expect(existsSync(join(root, path))).toBe(true);
    expect([...new Set(copied)].sort()).toEqual(letThrough.sort());
  });

  test('copies everything that the build takes in', () => {
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };

    expect(copied).toEqual(expect.arrayContaining(include.map((each) => each.split('/')[0]!)));
  });

  test('puts the files that are read at run time beside the built code', () => {
    const build = stage('build').steps.at(-1)!;

    expect(build).toMatch(
      /^RUN npm run build && find gateway schema subgraphs -type f ! -name '\*\.ts' -exec cp --parents \{\} dist\/ ';'$/,
    );
  });

  test.each(processes)('makes the file that %s starts', (name) => {
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };

    expect(service(name).command).toEqual([
      'node',
      '--enable-source-maps',
      expect.stringMatching(/^dist\/.+\.js$/),
    ]);
    expect(existsSync(join(root, sourceOf(name)))).toBe(true);
    expect(include).toContain(sourceOf(name).split('/')[0]);
  });
});

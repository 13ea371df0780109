import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Runs one of the project's sets of walls over a made-up tree; gives `rule: from` of all that it breaks. */
function brokenWalls(config: string, files: Record<string, string>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'walls-'));
  folders.push(tree);
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  const manifest = {
    type: 'module',
    dependencies: { mongoose: '*', graphql: '*' },
    devDependencies: { 'fast-check': '*' },
  };
  writeFileSync(join(tree, 'package.json'), JSON.stringify(manifest));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  const tops = [...new Set(Object.keys(files).map((path) => path.split('/')[0]!))];
  const output = cruise(
    ['--config', relative(tree, join(root, config)), '--output-type', 'json', ...tops],
    tree,
  );
  const { summary } = JSON.parse(output) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return [...new Set(summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`))].sort();
}

function cruise(args: string[], cwd: string): string {
  const command = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  try {
    return execFileSync(process.execPath, [command, ...args], { cwd, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const empty = 'export const x = 1;\n';
const uses = (path: string) => `import { x } from '${path}';\nexport const y = x;\n`;
const usesPackage = (name: string) => `import found from '${name}';\nexport const y = found;\n`;

test('each wall between folders falls over the file that breaks it, even by a type, and over no other', () => {
  const broken = brokenWalls('.dependency-cruiser.mjs', {
    'subgraphs/accounts/ledger/ledger.ts': 'export const x = 1;\nexport type X = string;\n',
    'subgraphs/campaigns/earning/earning.ts': uses('../../accounts/ledger/ledger.ts'),
    'subgraphs/campaigns/earning/typed.ts':
      "import type { X } from '../../accounts/ledger/ledger.ts';\nexport const y = (x: X) => x;\n",
    'subgraphs/campaigns/earning/right.ts': uses('../../shared/right.ts'),
    'subgraphs/shared/right.ts': empty,
    'subgraphs/shared/wrong.ts': uses('../accounts/ledger/ledger.ts'),
    'subgraphs/charity/start.ts': uses('../../gateway/config.ts'),
    'gateway/config.ts': empty,
    'gateway/launch.ts': uses('../subgraphs/charity/start.ts'),
    'gateway/server.ts': uses('../subgraphs/charity/start.ts'),
    'gateway/tested.ts': uses('../test/support/mongo.ts'),
    'gateway/developed.ts': usesPackage('fast-check'),
    'gateway/lost.ts': uses('./nowhere.ts'),
    'embedded-mongodb/server.ts': uses('../subgraphs/shared/right.ts'),
    'test/support/mongo.ts': empty,
  });

  expect(broken).toEqual([
    'embedded-mongodb-stands-alone: embedded-mongodb/server.ts',
    'gateway-knows-no-subgraph: gateway/server.ts',
    'no-development-packages-in-the-product: gateway/developed.ts',
    'no-test-code-in-the-product: gateway/tested.ts',
    'not-to-unresolvable: gateway/lost.ts',
    'shared-knows-no-subgraph: subgraphs/shared/wrong.ts',
    'subgraphs-know-no-gateway: subgraphs/charity/start.ts',
    'subgraphs-never-import-one-another: subgraphs/campaigns/earning/earning.ts',
    'subgraphs-never-import-one-another: subgraphs/campaigns/earning/typed.ts',
  ]);
});

test('each layer inside a subgraph falls over the file that breaks it, and over no other', () => {
  const broken = brokenWalls('.dependency-cruiser.layers.mjs', {
    'subgraphs/charity/cause/cause.js': empty,
    'subgraphs/charity/cause/cause-store.js': usesPackage('mongoose'),
    'subgraphs/charity/cause/cause-resolvers.js': uses('./open-cause.js'),
    'subgraphs/charity/cause/open-cause.js': uses('./cause.js'),
    'subgraphs/charity/start.js': uses('./cause/cause-store.js'),
    'subgraphs/charity/cause/rule-with-mongoose.js': usesPackage('mongoose'),
    'subgraphs/charity/cause/rule-with-graphql.js': usesPackage('graphql'),
    'subgraphs/charity/cause/close-cause.js': uses('./cause-store.js'),
    'subgraphs/charity/cause/hasty-resolvers.js': uses('./cause-store.js'),
    'subgraphs/charity/cause/proud-store.js': usesPackage('graphql'),
    'subgraphs/charity/donation/donation-store.js': uses('../cause/cause-store.js'),
    'subgraphs/charity/matching/a.js': uses('./b.js'),
    'subgraphs/charity/matching/b.js': "import { y } from './a.js';\nexport const x = () => y;\n",
  });

  expect(broken).toEqual([
    'a-store-is-used-in-its-own-capability: subgraphs/charity/donation/donation-store.js',
    'no-cycles: subgraphs/charity/matching/a.js',
    'resolvers-never-touch-stores: subgraphs/charity/cause/hasty-resolvers.js',
    'stores-know-no-resolvers: subgraphs/charity/cause/proud-store.js',
    'use-cases-import-no-adapter: subgraphs/charity/cause/close-cause.js',
    'use-cases-know-no-database-and-no-graphql: subgraphs/charity/cause/rule-with-graphql.js',
    'use-cases-know-no-database-and-no-graphql: subgraphs/charity/cause/rule-with-mongoose.js',
  ]);
});

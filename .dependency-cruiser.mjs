// The walls of the house. `npm run boundaries` fails where one is broken; test/architecture shows that each can.
const subgraphs = 'accounts|rewards-catalogue|campaigns|charity';
const role = (suffix) => `^subgraphs/(${subgraphs})/.+-${suffix}\\.ts$`;
const mongoose = '^(node_modules/)?mongoose(/|$)';
const graphql = '^(node_modules/)?(graphql|@apollo)(/|$)';

// A pure file is a noun: no verb-noun use case, no adapter suffix, no composition root.
const adapters = '(-store|-resolvers|-loaders|-client|-sweeper|-committer|-check)\\.ts$';
const roots = `^subgraphs/(${subgraphs})/[^/]+\\.ts$`;
const useCasesAndPure = `^subgraphs/(${subgraphs})/[^/]+/.+\\.ts$`;

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that import each other cannot be understood one at a time.',
      severity: 'error',
      from: { pathNot: '^(node_modules|test)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'subgraphs-never-import-one-another',
      comment: 'They ask through a client port over GraphQL.',
      severity: 'error',
      from: { path: `^subgraphs/(${subgraphs})/` },
      to: { path: `^subgraphs/(${subgraphs})/`, pathNot: '^subgraphs/$1/' },
    },
    {
      name: 'shared-knows-no-subgraph',
      severity: 'error',
      from: { path: '^subgraphs/shared/' },
      to: { path: `^(subgraphs/(${subgraphs})|gateway|embedded-mongodb|tools|test|bench)/` },
    },
    {
      name: 'gateway-knows-no-subgraph',
      comment: 'Except the one file that starts everything in a single process.',
      severity: 'error',
      from: { path: '^gateway/', pathNot: '^gateway/launch\\.ts$' },
      to: { path: `^subgraphs/(${subgraphs})/` },
    },
    {
      name: 'subgraphs-know-no-gateway',
      severity: 'error',
      from: { path: '^subgraphs/' },
      to: { path: '^(gateway|embedded-mongodb|tools|test|bench)/' },
    },
    {
      name: 'embedded-mongodb-stands-alone',
      comment: 'It is a database; it knows nothing of what is stored in it.',
      severity: 'error',
      from: { path: '^embedded-mongodb/' },
      to: { path: '^(subgraphs|gateway|schema|tools|test|bench)/' },
    },
    {
      name: 'use-cases-know-no-database-and-no-graphql',
      comment: 'Rules and use cases take ports; only stores know mongoose, only resolvers and loaders know GraphQL.',
      severity: 'error',
      from: { path: useCasesAndPure, pathNot: [adapters, '/check\\.ts$'] },
      to: { path: [mongoose, graphql] },
    },
    {
      name: 'use-cases-import-no-adapter',
      comment: 'A use case gets its stores and clients as ports; it may import their types.',
      severity: 'error',
      from: { path: useCasesAndPure, pathNot: [adapters, roots, '/check\\.ts$'] },
      to: { path: '(-store|-resolvers|-loaders|-client)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvers-never-touch-stores',
      severity: 'error',
      from: { path: role('resolvers') },
      to: { path: ['-store\\.ts$', mongoose], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'stores-know-no-resolvers',
      severity: 'error',
      from: { path: role('store') },
      to: { path: ['-resolvers\\.ts$', graphql] },
    },
    {
      name: 'a-store-is-used-in-its-own-capability',
      comment: "Another capability's store is reached through its use cases, wired in the composition root.",
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/([^/]+)/.+\\.ts$' },
      to: { path: '^subgraphs/$1/[^/]+/.+-store\\.ts$', pathNot: '^subgraphs/$1/$2/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: { path: '^(gateway|subgraphs|schema|embedded-mongodb|tools)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      from: { path: '^(gateway|subgraphs|embedded-mongodb|tools)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^dist/|^data/)' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.json', '.mjs'] },
  },
};

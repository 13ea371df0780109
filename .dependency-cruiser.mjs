// The walls between the folders, types included. Layers inside a subgraph: .dependency-cruiser.layers.mjs.
const subgraphs = 'accounts|rewards-catalogue|campaigns|charity';

export default {
  forbidden: [
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
      name: 'no-test-code-in-the-product',
      severity: 'error',
      from: { path: '^(gateway|subgraphs|schema|embedded-mongodb|tools)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-development-packages-in-the-product',
      severity: 'error',
      from: { path: '^(gateway|subgraphs|embedded-mongodb|tools)/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data)/' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};

// The layers inside a subgraph. Run on the built JavaScript, from which types are gone: a use case may know the type of
// a store that it is given, but not the store. What a file is, its name says (see README.md, "The map").
const subgraphs = 'accounts|rewards-catalogue|campaigns|charity';
const mongoose = '(^|/)node_modules/mongoose/';
const graphql = '(^|/)node_modules/(graphql|@apollo)/';
const adapter = '(-store|-resolvers|-loaders|-client|/check)\\.js$';
// A capability large enough to wire its own stores does so in one file, `noun-stores.ts`.
const adapterOrWiring = '(-stores?|-resolvers|-loaders|-client|/check)\\.js$';
const capability = `^subgraphs/(${subgraphs})/[^/]+/`;

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that import each other cannot be understood one at a time.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'use-cases-know-no-database-and-no-graphql',
      comment:
        'Rules and use cases take ports; only stores know mongoose, only resolvers and loaders know GraphQL.',
      severity: 'error',
      from: { path: capability, pathNot: adapter },
      to: { path: [mongoose, graphql] },
    },
    {
      name: 'use-cases-import-no-adapter',
      comment: 'A use case gets its stores and clients as ports.',
      severity: 'error',
      from: { path: capability, pathNot: adapterOrWiring },
      to: { path: adapter },
    },
    {
      name: 'resolvers-never-touch-stores',
      severity: 'error',
      from: { path: `${capability}.*-resolvers\\.js$` },
      to: { path: ['-store\\.js$', mongoose] },
    },
    {
      name: 'stores-know-no-resolvers',
      severity: 'error',
      from: { path: `${capability}.*-store\\.js$` },
      to: { path: ['-resolvers\\.js$', graphql] },
    },
    {
      name: 'a-store-is-used-in-its-own-capability',
      comment: "Another capability's store is reached through its use cases, wired in the composition root.",
      severity: 'error',
      from: { path: '^subgraphs/([^/]+)/([^/]+)/.+\\.js$' },
      to: { path: '^subgraphs/$1/[^/]+/.+-store\\.js$', pathNot: '^subgraphs/$1/$2/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.js', '.mjs', '.json'],
    },
  },
};

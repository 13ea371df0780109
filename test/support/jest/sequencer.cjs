const { default: TestSequencer } = require('@jest/test-sequencer');

/** What takes longest, longest first: started last, it would run on while nothing else is left to do. */
const long = [
  'simulator/first-seeds',
  'simulator/second-seeds',
  'supergraph/gateway-launch',
  'subgraphs/rewards-catalogue/crash',
  'supergraph/journeys/rewards',
  'supergraph/database-crash',
  'stores/webhooks/sender-crashes',
  'stores/ledger/pools',
  'tools/import',
];

const rank = ({ path }) => {
  const found = long.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return found < 0 ? long.length : found;
};

/** Without times of an earlier run Jest takes the biggest files first; here, the longest come before those. */
module.exports = class extends TestSequencer {
  sort(tests) {
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};

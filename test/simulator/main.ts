// npm run simulate -- --seed N --steps M [--seeds K] [--as-it-is]: plays K seeds from N on, M steps each; with --as-it-is
// what fails is not shortened. See README.md beside it.
import { parseArgs } from 'node:util';
import { startTestMongo } from '../support/mongo.ts';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '500' },
    seeds: { type: 'string', default: '1' },
    'as-it-is': { type: 'boolean', default: false },
  },
});
const [first, steps, seeds] = [Number(values.seed), Number(values.steps), Number(values.seeds)];
if (![first, steps, seeds].every((number) => Number.isSafeInteger(number) && number >= 0))
  throw new Error('--seed, --steps and --seeds are whole numbers');
const mongo = await startTestMongo();
try {
  for (let seed = first; seed < first + seeds; seed++) {
    const start = performance.now();
    await simulate(mongo, seed, steps, { shortens: !values['as-it-is'] });
    console.log(
      `seed ${seed}: ${steps} steps, all as they should be (${((performance.now() - start) / 1000).toFixed(1)} s)`,
    );
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  await mongo.stop();
}
process.exit();

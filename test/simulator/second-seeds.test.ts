// In two files, so that two of the test runner's processes play at once.
import { testSeeds } from './play-seeds.ts';

testSeeds(11, 5);
testSeeds(16, 5);

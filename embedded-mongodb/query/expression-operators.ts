import { BASIC_OPERATORS } from './expression-basic.ts';
import type { OperatorCompiler } from './expression-scope.ts';

/** Every expression operator there is, by name. */
export const OPERATORS: ReadonlyMap<string, OperatorCompiler> = new Map(
  Object.entries({ ...BASIC_OPERATORS }),
);

import { ARITHMETIC_OPERATORS } from './expression-arithmetic.ts';
import { ARRAY_OPERATORS } from './expression-array.ts';
import { BASIC_OPERATORS } from './expression-basic.ts';
import { DATE_OPERATORS } from './expression-date.ts';
import { OBJECT_OPERATORS } from './expression-object.ts';
import type { OperatorCompiler } from './expression-scope.ts';
import { SET_OPERATORS } from './expression-set.ts';
import { STRING_OPERATORS } from './expression-string.ts';
import { TYPE_OPERATORS } from './expression-type.ts';

/** Every expression operator there is, by name. */
export const OPERATORS: ReadonlyMap<string, OperatorCompiler> = new Map(
  Object.entries({
    ...BASIC_OPERATORS,
    ...ARITHMETIC_OPERATORS,
    ...ARRAY_OPERATORS,
    ...SET_OPERATORS,
    ...STRING_OPERATORS,
    ...OBJECT_OPERATORS,
    ...TYPE_OPERATORS,
    ...DATE_OPERATORS,
  }),
);

import { ARITHMETIC_OPERATORS } from './expression-arithmetic.ts';
import { ARRAY_OPERATORS } from './expression-array.ts';
import { ARRAY_DOCUMENT_OPERATORS } from './expression-array-document.ts';
import { BASIC_OPERATORS } from './expression-basic.ts';
import { BIT_OPERATORS } from './expression-bits.ts';
import { DATE_OPERATORS } from './expression-date.ts';
import { LOOP_OPERATORS } from './expression-loop.ts';
import { OBJECT_OPERATORS } from './expression-object.ts';
import { REAL_OPERATORS } from './expression-real.ts';
import { REGEX_OPERATORS } from './expression-regex.ts';
import { ROUNDING_OPERATORS } from './expression-rounding.ts';
import type { OperatorCompiler } from './expression-scope.ts';
import { SET_OPERATORS } from './expression-set.ts';
import { STRING_OPERATORS } from './expression-string.ts';
import { TYPE_OPERATORS } from './expression-type.ts';

/** Every expression operator there is, by name. */
export const OPERATORS: ReadonlyMap<string, OperatorCompiler> = new Map(
  Object.entries({
    ...BASIC_OPERATORS,
    ...ARITHMETIC_OPERATORS,
    ...ROUNDING_OPERATORS,
    ...REAL_OPERATORS,
    ...BIT_OPERATORS,
    ...LOOP_OPERATORS,
    ...ARRAY_DOCUMENT_OPERATORS,
    ...ARRAY_OPERATORS,
    ...SET_OPERATORS,
    ...STRING_OPERATORS,
    ...REGEX_OPERATORS,
    ...OBJECT_OPERATORS,
    ...TYPE_OPERATORS,
    ...DATE_OPERATORS,
  }),
);

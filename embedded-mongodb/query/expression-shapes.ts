import { isNullish } from '../bson/value.ts';
import { compileArguments, type Evaluate, type OperatorCompiler } from './expression-scope.ts';

/** An operator of two arguments that gives null when either is null or missing. */
export function binary(compute: (a: unknown, b: unknown, operator: string) => unknown): OperatorCompiler {
  return (operand, scope, operator) => {
    const [left, right] = compileArguments(operand, scope, operator, 2) as [Evaluate, Evaluate];
    return (root) => {
      const a = left(root);
      const b = right(root);
      return isNullish(a) || isNullish(b) ? null : compute(a, b, operator);
    };
  };
}

/** An operator of one argument that gives null when it is null or missing. */
export function unary(compute: (value: unknown, operator: string) => unknown): OperatorCompiler {
  return (operand, scope, operator) => {
    const [argument] = compileArguments(operand, scope, operator, 1) as [Evaluate];
    return (root) => {
      const value = argument(root);
      return isNullish(value) ? null : compute(value, operator);
    };
  };
}

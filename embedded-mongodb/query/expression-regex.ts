import type { Document } from 'bson';
import { regexParts } from '../bson/compare.ts';
import { ServerError } from '../bson/errors.ts';
import { int, isNullish, RANK, rankOf } from '../bson/value.ts';
import { compileNamed, type OperatorCompiler } from './expression-scope.ts';
import { codePoints, textOf } from './expression-string.ts';
import { compileRegex } from './regex.ts';

function replace(all: boolean): OperatorCompiler {
  return (operand, scope, operator) => {
    const named = compileNamed(operand, scope, operator, ['input', 'find', 'replacement']);
    return (root) => {
      const values = ['input', 'find', 'replacement'].map((name) => named[name]?.(root));
      if (values.some(isNullish)) return null;
      const [input, find, replacement] = values.map((value, i) => textOf(operator, value, 51746 - i)) as [
        string,
        string,
        string,
      ];
      return all ? input.replaceAll(find, () => replacement) : input.replace(find, () => replacement);
    };
  };
}

interface RegexArguments {
  readonly input: string;
  readonly regex: RegExp;
}

function regexArguments(
  operand: unknown,
  scope: Parameters<OperatorCompiler>[1],
  operator: string,
): (root: unknown) => RegexArguments | undefined {
  const named = compileNamed(operand, scope, operator, ['input', 'regex'], ['options']);
  return (root) => {
    const input = named['input']?.(root);
    const regex = named['regex']?.(root);
    const options = named['options']?.(root);
    if (isNullish(input) || isNullish(regex)) return undefined;
    const [pattern, own] =
      rankOf(regex) === RANK.regex ? regexParts(regex) : [textOf(operator, regex, 51105), ''];
    if (own !== '' && !isNullish(options))
      throw new ServerError(
        51107,
        `${operator}: found regex options specified in both 'regex' and 'options' fields`,
      );
    const flags = isNullish(options) ? own : textOf(operator, options, 51106);
    return { input: textOf(operator, input, 51104), regex: compileRegex(pattern, flags) };
  };
}

function found(input: string, match: RegExpExecArray): Document {
  return {
    match: match[0],
    idx: int(codePoints(input.slice(0, match.index)).length),
    captures: match.slice(1).map((capture) => capture ?? null),
  };
}

const regexFind: OperatorCompiler = (operand, scope, operator) => {
  const read = regexArguments(operand, scope, operator);
  return (root) => {
    const given = read(root);
    const match = given?.regex.exec(given.input);
    return given && match ? found(given.input, match) : null;
  };
};

const regexFindAll: OperatorCompiler = (operand, scope, operator) => {
  const read = regexArguments(operand, scope, operator);
  return (root) => {
    const given = read(root);
    if (!given) return [];
    const global = new RegExp(given.regex.source, `${given.regex.flags}g`);
    return [...given.input.matchAll(global)].map((match) => found(given.input, match));
  };
};

/** Replacing, and regular expressions. */
export const REGEX_OPERATORS: Readonly<Record<string, OperatorCompiler>> = {
  $replaceOne: replace(false),
  $replaceAll: replace(true),
  $regexFind: regexFind,
  $regexFindAll: regexFindAll,
  $regexMatch: (operand, scope, operator) => {
    const read = regexArguments(operand, scope, operator);
    return (root) => {
      const given = read(root);
      return given?.regex.test(given.input) ?? false;
    };
  },
};

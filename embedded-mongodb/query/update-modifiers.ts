import type { Document } from 'bson';
import { badValue, failedToParse } from '../bson/errors.ts';
import { identicalValues } from '../bson/identical.ts';
import { show } from '../bson/show.ts';
import { typeAlias } from '../bson/type-alias.ts';
import { bsonType, isObject } from '../bson/value.ts';
import { valueAt } from './path.ts';
import { compilePositional } from './positional.ts';
import type { Change, UpdateOptions } from './update.ts';
import { addToSet, pop, pull, pullAll, push } from './update-arrays.ts';
import { type Draft, draftOf, removeAt, writeAt } from './update-draft.ts';
import { bit, currentDate, extreme, increment, type Modifier, multiply } from './update-fields.ts';
import {
  type ArrayFilters,
  checkConflicts,
  checkIdentifiers,
  comparePaths,
  compileArrayFilters,
  expandPath,
  type PositionOf,
  parseUpdatePath,
  refuseDollarField,
} from './update-path.ts';

/** One operator on one path. */
interface Step {
  readonly path: readonly string[];
  /** Paths that must not touch those of other steps. */
  readonly claims: readonly string[];
  readonly onlyOnInsert: boolean;
  /** Whether the path names positions in arrays that only the document tells. */
  readonly isDynamic: boolean;
  readonly run: (draft: Draft, path: readonly string[], document: Document) => void;
}

/** Compiles update operators; they are applied in the order of their paths, as the server does. */
export function compileModifiers(
  update: Document,
  options: UpdateOptions,
  collator: Intl.Collator | undefined,
): Change {
  const filters = compileArrayFilters(options.arrayFilters ?? [], options);
  const steps = Object.entries(update).flatMap(([operator, operands]) =>
    compileOperator(operator, operands, options, collator),
  );
  const claims = steps.flatMap((step) => step.claims);
  checkConflicts(claims);
  checkIdentifiers(claims, filters, update);
  steps.sort((a, b) => comparePaths(a.path, b.path));
  const positionOf = steps.some((step) => step.path.includes('$'))
    ? compilePositional(options.filter, options)
    : () => undefined;
  return (document, inserting) => applySteps(document, inserting, steps, filters, positionOf);
}

function applySteps(
  document: Document,
  inserting: boolean,
  steps: readonly Step[],
  filters: ArrayFilters,
  positionOf: PositionOf,
): Document {
  const draft = draftOf(document);
  for (const step of steps) {
    if (step.onlyOnInsert && !inserting) continue;
    if (!inserting) refuseDollarField(step.path);
    if (!step.isDynamic) step.run(draft, step.path, document);
    else {
      for (const path of expandPath(document, step.path, filters, positionOf))
        step.run(draft, path, document);
    }
  }
  return draft.root;
}

function compileOperator(
  operator: string,
  operands: unknown,
  options: UpdateOptions,
  collator: Intl.Collator | undefined,
): Step[] {
  if (!OPERATORS.has(operator)) {
    throw failedToParse(
      `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
    );
  }
  if (!isObject(operands) || bsonType(operands) !== undefined) {
    throw failedToParse(
      `Modifiers operate on fields but we found type ${typeAlias(operands)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(operands)}}`,
    );
  }
  return Object.entries(operands).map(([path, operand]): Step => {
    const parts = parseUpdatePath(path);
    const isDynamic = parts.some((part) => part.startsWith('$'));
    if (operator === '$rename') return renameStep(path, parts, operand);
    const step = { path: parts, claims: [path], onlyOnInsert: operator === '$setOnInsert', isDynamic };
    if (operator === '$unset') return { ...step, run: runUnset };
    const modifier = compileModifier(operator, operand, path, options, collator);
    return {
      ...step,
      run: (draft, at, document) => runModifier(modifier, draft, at, document),
    };
  });
}

const OPERATORS: ReadonlySet<string> = new Set([
  '$set',
  '$setOnInsert',
  '$unset',
  '$rename',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$currentDate',
  '$bit',
  '$push',
  '$addToSet',
  '$pop',
  '$pull',
  '$pullAll',
]);

function compileModifier(
  operator: string,
  operand: unknown,
  path: string,
  options: UpdateOptions,
  collator: Intl.Collator | undefined,
): Modifier {
  switch (operator) {
    case '$inc':
      return increment(operand, path);
    case '$mul':
      return multiply(operand, path);
    case '$min':
      return extreme(operand, -1, { now: options.now, collator });
    case '$max':
      return extreme(operand, 1, { now: options.now, collator });
    case '$currentDate':
      return currentDate(operand, { now: options.now, collator });
    case '$bit':
      return bit(operand);
    case '$push':
      return push(operand, options);
    case '$addToSet':
      return addToSet(operand, collator);
    case '$pop':
      return pop(operand);
    case '$pull':
      return pull(operand, options);
    case '$pullAll':
      return pullAll(operand, collator);
    default:
      return () => operand;
  }
}

function runModifier(modifier: Modifier, draft: Draft, path: readonly string[], document: Document): void {
  const current = valueAt(draft.root, path);
  const value = modifier(current, { document, path });
  if (value === undefined || (current !== undefined && identicalValues(current, value))) return;
  writeAt(draft, path, value);
}

function runUnset(draft: Draft, path: readonly string[]): void {
  if (valueAt(draft.root, path) !== undefined) removeAt(draft, path);
}

function renameStep(path: string, source: readonly string[], target: unknown): Step {
  if (typeof target !== 'string') {
    throw badValue(`The 'to' field for $rename must be a string: ${path}: ${show(target)}`);
  }
  const to = parseUpdatePath(target);
  for (const [name, parts] of [
    ['source', source],
    ['destination', to],
  ] as const) {
    if (parts.some((part) => part === '$' || part.startsWith('$['))) {
      throw badValue(`The ${name} field for $rename may not be dynamic: ${parts.join('.')}`);
    }
  }
  if (path === target) {
    throw badValue(`The source and target field for $rename must differ: ${path}: "${target}"`);
  }
  return {
    path: source,
    claims: [path, target],
    onlyOnInsert: false,
    isDynamic: false,
    run: (draft) => {
      const value = valueAt(draft.root, source);
      if (value === undefined) return;
      refuseArrays('source', draft.root, source);
      refuseArrays('destination', draft.root, to);
      removeAt(draft, source);
      removeAt(draft, to);
      writeAt(draft, to, value);
    },
  };
}

/** `$rename` does not enter arrays. */
function refuseArrays(name: string, document: Document, path: readonly string[]): void {
  for (let depth = 1; depth < path.length; depth++) {
    if (Array.isArray(valueAt(document, path.slice(0, depth)))) {
      throw badValue(
        `The ${name} field cannot be an array element, '${path.join('.')}' in doc with _id: ${show(document['_id'])} has an array field called '${path[depth - 1]}'`,
      );
    }
  }
}

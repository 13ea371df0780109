import type { Document } from 'bson';
import { collatorOf } from '../bson/compare.ts';
import { badValue } from '../bson/errors.ts';
import { bsonType, getField, isObject, isTruthy, RANK, rankOf, toDouble } from '../bson/value.ts';
import { compileExpression, expressionScope } from './expression.ts';
import type { Scope } from './expression-scope.ts';
import {
  compileOperators,
  equalityLeaf,
  type FilterContext,
  type Leaf,
  REFERENCE,
  regexLeaf,
} from './filter-operators.ts';
import type { QueryOptions } from './options.ts';
import { anyAtPath, parsePath } from './path.ts';

/** Decides whether a document matches. */
export type Predicate = (document: Document) => boolean;

/**
 * Compiles a filter once to a predicate. Throws ServerError 2 (BadValue) on an unknown operator or a malformed
 * operand, never ignores one.
 */
export function compileFilter(filter: Document, options: QueryOptions = {}): Predicate {
  return compileFilterIn(filter, options, undefined);
}

/** compileFilter within a pipeline, whose variables `$expr` may read. */
export function compileFilterIn(
  filter: Document,
  options: QueryOptions,
  scope: Scope | undefined,
): Predicate {
  return compileDocument(filter, scope ? { ...options, scope } : options, filterContext(options), true);
}

interface FilterOptions extends QueryOptions {
  readonly scope?: Scope;
}

/** What the operators of a filter are compiled in. */
export function filterContext(options: FilterOptions): FilterContext {
  const context: FilterContext = {
    collator: collatorOf(options.collation),
    compileNested: (nested) => compileDocument(nested, options, context, false),
  };
  return context;
}

function compileDocument(
  filter: Document,
  options: FilterOptions,
  context: FilterContext,
  top: boolean,
): Predicate {
  const predicates: Predicate[] = [];
  for (const [key, value] of Object.entries(filter)) {
    const isField = !key.startsWith('$') || (!top && REFERENCE.has(key));
    const predicate = isField
      ? compileField(key, value, context)
      : compileLogical(key, value, options, context, top);
    if (predicate) predicates.push(predicate);
  }
  return allOf(predicates);
}

function allOf(predicates: Predicate[]): Predicate {
  const [first, second] = predicates;
  if (!first) return () => true;
  if (!second) return first;
  if (predicates.length === 2) return (document) => first(document) && second(document);
  return (document) => {
    for (const predicate of predicates) if (!predicate(document)) return false;
    return true;
  };
}

function compileLogical(
  operator: string,
  value: unknown,
  options: FilterOptions,
  context: FilterContext,
  top: boolean,
): Predicate | undefined {
  switch (operator) {
    case '$and':
      return allOf(compileClauses(operator, value, options, context, top));
    case '$or': {
      const clauses = compileClauses(operator, value, options, context, top);
      return (document) => clauses.some((clause) => clause(document));
    }
    case '$nor': {
      const clauses = compileClauses(operator, value, options, context, top);
      return (document) => !clauses.some((clause) => clause(document));
    }
    case '$expr': {
      if (!top) throw badValue('$expr can only be applied to the top-level document');
      const evaluate = compileExpression(value, options.scope ?? expressionScope(options));
      return (document) => isTruthy(evaluate(document));
    }
    case '$comment':
      return undefined;
    case '$sampleRate':
      return sampleRate(value);
    default:
      throw badValue(
        `unknown top level operator: ${operator}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function compileClauses(
  operator: string,
  value: unknown,
  options: FilterOptions,
  context: FilterContext,
  top: boolean,
): Predicate[] {
  if (!Array.isArray(value)) throw badValue(`${operator} must be an array`);
  if (value.length === 0) throw badValue('$and/$or/$nor must be a nonempty array');
  return value.map((clause) => {
    if (!isObject(clause)) throw badValue('$or/$and/$nor entries need to be full objects');
    return compileDocument(clause, options, context, top);
  });
}

function sampleRate(value: unknown): Predicate {
  const rate = toDouble(value);
  if (!(rate >= 0 && rate <= 1)) throw badValue('numeric argument to $sampleRate must be in [0, 1]');
  return () => Math.random() < rate;
}

/** Whether a value is a document of operators, as `{ $gt: 5 }`; a DBRef is a value. */
export function isOperatorDocument(value: unknown): value is Document {
  if (!isObject(value) || bsonType(value) !== undefined) return false;
  const [first] = Object.keys(value);
  return first?.startsWith('$') === true && !REFERENCE.has(first);
}

function compileField(field: string, value: unknown, context: FilterContext): Predicate {
  return allOf(leavesOf(value, context).map((leaf) => atPath(field, leaf)));
}

/** The conditions that a filter puts on one field: its operators, a regular expression, or equality. */
export function leavesOf(value: unknown, context: FilterContext): Leaf[] {
  if (isOperatorDocument(value)) return compileOperators(value, context);
  return [rankOf(value) === RANK.regex ? regexLeaf(value) : equalityLeaf(value, context.collator)];
}

/** A leaf applied to the values that a path reaches. */
function atPath(field: string, leaf: Leaf): Predicate {
  if (leaf.kind === 'not') {
    const inner = allOf(leaf.leaves.map((part) => atPath(field, part)));
    return (document) => !inner(document);
  }
  const { test, expand, negate } = leaf;
  const reaches =
    field.includes('.') || field.startsWith('$')
      ? reachesDotted(field, expand, test)
      : reachesField(field, expand, test);
  return negate ? (document) => !reaches(document) : reaches;
}

function reachesDotted(field: string, expand: boolean, test: (value: unknown) => boolean): Predicate {
  const path = parsePath(field);
  return (document) => anyAtPath(document, path, 0, expand, test);
}

function reachesField(field: string, expand: boolean, test: (value: unknown) => boolean): Predicate {
  if (!expand) return (document) => test(getField(document, field));
  return (document) => {
    const value = getField(document, field);
    if (test(value)) return true;
    if (!Array.isArray(value)) return false;
    for (const element of value) if (test(element)) return true;
    return false;
  };
}

import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { valueKey } from '../bson/key.ts';
import { isObject, long, toInteger } from '../bson/value.ts';
import { evaluatePath } from './expression-scope.ts';
import { compileFilterIn } from './filter.ts';
import { equalityFilter, nameOf, optionsOf, perDocument, setAt } from './foreign.ts';
import { parsePath } from './path.ts';
import type { StageCompiler } from './stage.ts';

/** `$graphLookup`: follows a connection from document to document, each one once. */
export const graphLookup: StageCompiler = (spec, context) => {
  const required = ['from', 'startWith', 'connectFromField', 'connectToField', 'as'];
  const options = optionsOf('$graphLookup', spec, required, [
    'maxDepth',
    'depthField',
    'restrictSearchWithMatch',
  ]);
  const text = (option: string) => nameOf('$graphLookup', option, options[option]);
  const { scope, run } = context;
  const start = scope.compile(options['startWith'], scope);
  const connectFrom = parsePath(text('connectFromField'));
  const connectTo = text('connectToField');
  const as = parsePath(text('as'));
  const maxDepth =
    options['maxDepth'] === undefined ? Number.POSITIVE_INFINITY : toInteger(options['maxDepth']);
  if (maxDepth === undefined || maxDepth < 0)
    throw new ServerError(40100, 'maxDepth requires a nonnegative argument');
  const depthPath = options['depthField'] === undefined ? undefined : parsePath(text('depthField'));
  const restrict: unknown = options['restrictSearchWithMatch'] ?? {};
  if (!isObject(restrict)) throw new ServerError(40185, 'restrictSearchWithMatch must be an object');
  compileFilterIn(restrict, { collation: run.collation, now: run.now }, scope);
  const foreign = run.collection(text('from'));
  return perDocument(async (document) => {
    const first = start(document);
    let frontier: unknown[] = Array.isArray(first) ? first : [first ?? null];
    const visited = new Set<string>();
    const found: Document[] = [];
    for (let depth = 0; depth <= maxDepth && frontier.length > 0; depth++) {
      const next: unknown[] = [];
      const filter = { $and: [equalityFilter(connectTo, frontier), restrict] };
      for await (const reached of foreign.find(filter, { collation: run.collation })) {
        const key = valueKey(reached['_id']);
        if (visited.has(key)) continue;
        visited.add(key);
        found.push(depthPath ? setAt(reached, depthPath, long(depth)) : reached);
        const onward = evaluatePath(reached, connectFrom, 0);
        if (Array.isArray(onward)) for (const value of onward) next.push(value);
        else if (onward !== undefined) next.push(onward);
      }
      frontier = next;
    }
    return setAt(document, as, found);
  }, context);
};

import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { bsonType, isObject, setField } from '../bson/value.ts';
import { batchesOf, batchStage, collect, type StageCompiler, wholeStage } from './stage.ts';

/** `$facet`: several pipelines over the same documents, one array field each. */
export const facet: StageCompiler = (spec, context, name) => {
  if (!isObject(spec) || Object.keys(spec).length === 0) {
    throw new ServerError(40169, 'the $facet specification must be a non-empty object');
  }
  const facets = Object.entries(spec).map(
    ([name, pipeline]) => [name, context.compile(pipeline, context, '$facet')] as const,
  );
  return wholeStage(
    async (documents) => {
      const result: Document = {};
      for (const [name, stage] of facets)
        setField(result, name, await collect(stage(batchesOf(documents, context.run.yieldEvery))));
      return [result];
    },
    context,
    name,
  );
};

/** `$redact`: keeps, prunes or descends into each level as the expression says. */
export const redact: StageCompiler = (spec, { scope }) => {
  const current: { value: unknown } = { value: undefined };
  const actions = { DESCEND: '$$DESCEND', PRUNE: '$$PRUNE', KEEP: '$$KEEP' } as const;
  const cells = new Map([...scope.cells, ['CURRENT', current] as const]);
  for (const [name, value] of Object.entries(actions)) cells.set(name, { value });
  const evaluate = scope.compile(spec, { ...scope, cells });
  const redacted = (level: Document, root: Document): Document | undefined => {
    current.value = level;
    const action = evaluate(root);
    if (action === actions.KEEP) return level;
    if (action === actions.PRUNE) return undefined;
    if (action !== actions.DESCEND) {
      throw new ServerError(17053, '$redact must evaluate to $$DESCEND, $$PRUNE or $$KEEP');
    }
    const result: Document = {};
    for (const [key, value] of Object.entries(level)) {
      const kept = within(value, root);
      if (kept !== undefined) setField(result, key, kept);
    }
    return result;
  };
  const within = (value: unknown, root: Document): unknown => {
    if (Array.isArray(value))
      return value.map((item) => within(item, root)).filter((item) => item !== undefined);
    return isObject(value) && bsonType(value) === undefined ? redacted(value, root) : value;
  };
  return batchStage((batch) =>
    batch.map((document) => redacted(document, document)).filter((document) => document !== undefined),
  );
};

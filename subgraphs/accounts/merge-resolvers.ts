type ResolverMap = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Merges resolvers type by type. Throws where two give the same field or the same scalar. */
export function mergeResolvers(maps: readonly ResolverMap[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const map of maps)
    for (const [type, fields] of Object.entries(map)) {
      const known = merged[type];
      if (known === undefined) merged[type] = isFields(fields) ? { ...fields } : fields;
      else if (isFields(known) && isFields(fields)) addFields(type, known, fields);
      else throw new Error(`two resolvers of ${type}`);
    }
  return merged;
}

function addFields(
  type: string,
  known: Record<string, unknown>,
  fields: Readonly<Record<string, unknown>>,
): void {
  for (const [field, resolver] of Object.entries(fields)) {
    if (field in known) throw new Error(`two resolvers of ${type}.${field}`);
    known[field] = resolver;
  }
}

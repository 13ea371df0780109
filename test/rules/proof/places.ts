type Place = readonly (string | number)[];

/** Every text and number somewhere inside a value, as a path to it. */
export function places(value: unknown, path: Place = []): Place[] {
  if (typeof value === 'string' || typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    places(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** A value with something else in a place. */
export function withChange(
  value: unknown,
  [first, ...rest]: Place,
  change: (old: unknown) => unknown,
): unknown {
  if (first === undefined) return change(value);
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[first] = withChange(copy[first], rest, change);
  return copy;
}

/** A text with one character changed, or a number with another. */
export function spoil(old: unknown, where: number): unknown {
  if (typeof old === 'number') return old + 1 + (where % 3);
  const text = String(old);
  // The last of 86 characters of base64url has bits that stand for nothing.
  const at = where % Math.max(1, text.length - 1);
  return text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1);
}

/** The places of a proof in which anything else has to make it fail. A key is found by the thumbprint it really has. */
export const provingPlaces = (proof: object): Place[] =>
  places(proof).filter((path) => !['kid', 'kty', 'crv'].includes(String(path.at(-1))));

import { Malformed } from './checks.ts';

/** Deeper than anything that is signed, and far from where a stack ends. */
const deepest = 100;

/** Canonical JSON (RFC 8785) of a parsed value: no spaces, and fields by the UTF-16 of their names. Throws Malformed where it is too deep. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > deepest) throw new Malformed('it is nested too deeply');
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each, depth + 1)).join(',')}]`;
  const fields = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner, depth + 1)}`);
  return `{${fields.join(',')}}`;
}

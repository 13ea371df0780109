import type { Long } from 'bson';
import { typeAlias } from './type-alias.ts';
import { isNullish } from './value.ts';

/** A value as an error message shows it: short, in the shell's notation. */
export function show(value: unknown): string {
  const text = render(value, 0);
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

function render(value: unknown, depth: number): string {
  if (depth > 5) return '...';
  switch (typeAlias(value)) {
    case 'string':
      return JSON.stringify(value);
    case 'array':
      return `[ ${(value as unknown[]).map((item) => render(item, depth + 1)).join(', ')} ]`;
    case 'objectId':
      return `ObjectId('${String(value)}')`;
    case 'date':
      return `new Date(${(value as Date).getTime()})`;
    case 'long':
      return String(value as Long);
    case 'object': {
      const fields = Object.entries(value as object).map(
        ([key, field]) => `${key}: ${render(field, depth + 1)}`,
      );
      return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
    }
    default:
      return isNullish(value) ? 'null' : String(value);
  }
}

import { ServerError } from '../bson/errors.ts';

/** Perl syntax that JavaScript spells differently; the rest of the two languages agrees. */
const PERL_ESCAPES: Readonly<Record<string, string>> = {
  '\\A': '^',
  '\\z': '$',
  '\\Z': '(?=\\n?$)',
  '\\h': '[ \\t]',
};

const cache = new Map<string, RegExp>();

/**
 * The JavaScript form of a MongoDB regular expression. Options are `i`, `m`, `s`, `x`, `u`; any other is refused with
 * 51108, a pattern that cannot be compiled with 51091.
 */
export function compileRegex(pattern: string, options: string): RegExp {
  const key = `${options}/${pattern}`;
  let regex = cache.get(key);
  if (regex === undefined) {
    regex = buildRegex(pattern, options);
    if (cache.size > 500) cache.clear();
    cache.set(key, regex);
  }
  return regex;
}

function buildRegex(pattern: string, options: string): RegExp {
  const unknown = /[^imsxu]/.exec(options);
  if (unknown) throw new ServerError(51108, `invalid flag in regex options: ${unknown[0]}`);
  let source = pattern;
  let flags = options;
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  if (inline) {
    source = source.slice(inline[0].length);
    flags += inline[1];
  }
  if (flags.includes('x')) source = withoutFreeSpacing(source);
  source = source.replace(/\\[\s\S]/g, (sequence) => PERL_ESCAPES[sequence] ?? sequence);
  const wanted = [...new Set(flags.replace(/[xu]/g, ''))].join('');
  try {
    return new RegExp(source, `${wanted}u`);
  } catch {
    // JavaScript's Unicode mode refuses harmless escapes such as `\-`; the older mode takes them.
  }
  try {
    return new RegExp(source, wanted);
  } catch (error) {
    throw new ServerError(51091, `Regular expression is invalid: ${(error as Error).message}`);
  }
}

/** Removes the white space and comments that the `x` option allows outside character classes. */
function withoutFreeSpacing(pattern: string): string {
  return pattern.replace(/\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\s+|#[^\n]*/g, (part) =>
    /^(\s|#)/.test(part) ? '' : part,
  );
}

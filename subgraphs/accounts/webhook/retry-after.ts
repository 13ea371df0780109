const second = 1_000;

/** The longest that an endpoint is left alone because it asked for it. */
export const longestPauseMs = 3_600 * second;

/**
 * The instant before which an endpoint does not want another request, from the `Retry-After` that it answered: seconds or
 * an HTTP date (RFC 9110, 10.2.3), at most an hour from now. Null where there is none, or none that can be read or lies
 * ahead.
 */
export function readRetryAfter(header: string | null, now: Date): Date | null {
  const text = header?.trim() ?? '';
  const isDate = /^[A-Za-z]{3,9},? .*GMT$/.test(text);
  if (!isDate && !/^\d+$/.test(text)) return null;
  const ms = isDate ? Date.parse(text) - now.getTime() : Number(text) * second;
  if (!(ms > 0)) return null;
  return new Date(now.getTime() + Math.min(ms, longestPauseMs));
}

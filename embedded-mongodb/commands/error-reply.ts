import type { Document } from 'bson';
import { ServerError } from '../bson/errors.ts';

/** The reply to a command that failed. An error that no server would send becomes code 8 with its message. */
export function errorReply(error: unknown): Document {
  if (error instanceof ServerError) {
    return {
      ok: 0,
      errmsg: error.message,
      code: error.code,
      codeName: error.codeName,
      ...error.extra,
      ...(error.errorLabels.length > 0 && { errorLabels: error.errorLabels }),
    };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { ok: 0, errmsg: `the embedded server failed: ${message}`, code: 8, codeName: 'UnknownError' };
}

/** One entry of `writeErrors`. */
export function writeError(index: number, error: ServerError): Document {
  return { index, code: error.code, errmsg: error.message, ...error.extra };
}

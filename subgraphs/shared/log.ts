import { type Logger, pino } from 'pino';

/** Writes structured lines to standard output. */
export type Log = Logger;

/** A process's log. Tokens, secrets and personal data are never passed to it. */
export const createLog = (name: string, level: string): Log => pino({ name, level });

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { OutsideCaller } from '../../subgraphs/shared/caller.ts';
import { newId } from '../../subgraphs/shared/ids.ts';
import type { Log } from '../../subgraphs/shared/log.ts';
import type { Callers } from '../authenticate.ts';
import { type Execute, type ExportAsked, ExportRefused, readExport } from './read-export.ts';

interface ExportRoutePorts {
  readonly callers: Callers;
  readonly execute: Execute;
  readonly log: Log;
}

const statusOf: Record<string, number> = { NOT_FOUND: 404 };

/** Of the operator whose and why; of a member nothing. */
function askedBy({ kind }: OutsideCaller, { query }: Request): ExportAsked {
  const idempotencyKey = `download:${newId('dl')}`;
  if (kind === 'MEMBER') return { idempotencyKey };
  const { member, reason } = query;
  return {
    idempotencyKey,
    ...(typeof member === 'string' ? { member: { id: member } } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  };
}

/** The first line is waited for: what is refused is refused before it. */
async function writeLines(response: Response, lines: AsyncGenerator<string>): Promise<void> {
  const first = await lines.next();
  response.setHeader('Content-Disposition', 'attachment; filename="jifen-export.ndjson"');
  response.type('application/x-ndjson');
  await pipeline(Readable.from(joined(first.value as string, lines)), response);
}

async function* joined(first: string, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  yield `${first}\n`;
  for await (const line of rest) yield `${line}\n`;
}

/** Once lines were sent a failure or refusal can only be told by breaking off: the last line is missing then. */
function fail(error: unknown, response: Response, log: Log): void {
  if (error instanceof ExportRefused && !response.headersSent)
    return void response.status(statusOf[error.code] ?? 400).json({ error: error.message });
  log.error({ err: error }, 'an export could not be read');
  if (!response.headersSent && !response.destroyed)
    response.status(503).json({ error: 'no export can be made now: try again' });
}

const exportHandler =
  ({ callers, execute, log }: ExportRoutePorts): RequestHandler =>
  async (request, response) => {
    response.setHeader('Cache-Control', 'private, no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const caller = callers.callerOf(request);
    if (caller.kind === 'PUBLIC') return void response.status(401).json({ error: 'needs a token' });
    if (caller.kind !== 'MEMBER' && caller.kind !== 'OPERATOR')
      return void response.status(403).json({ error: "is the member's or the operator's" });
    try {
      await writeLines(response, readExport(askedBy(caller, request), caller, execute));
    } catch (error) {
      fail(error, response, log);
    }
  };

/** Everything that is kept about a member, as lines of JSON: `/export`; of the operator `/export?member=<id>&reason=<why>`. */
export function exportRoutes(ports: ExportRoutePorts): Router {
  const router = Router();
  router.get('/export', ports.callers.handler, exportHandler(ports));
  return router;
}

import { createHash } from 'node:crypto';
import { type RequestHandler, type Response, Router } from 'express';
import type { CallerKey, OutsideCaller } from '../../subgraphs/shared/caller.ts';
import { verifyLink } from '../../subgraphs/shared/link.ts';
import { isLocale } from '../../subgraphs/shared/locale.ts';
import type { Log } from '../../subgraphs/shared/log.ts';
import type { MemberIds } from '../../subgraphs/shared/member-ids.ts';
import { speaksFor } from '../../subgraphs/shared/pairwise.ts';
import type { Callers } from '../authenticate.ts';
import type { ReadDocument, StatementDocument } from './statement-client.ts';

const name = /^(2\d{3}-(?:0[1-9]|1[0-2]))\.(html|json)$/;

/** The page brings its style and nothing else, so that is all it may do. */
function contentSecurityPolicy(html: string): string {
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** The record as it was signed, word for word, with what proves it. A preview has no hash and no signature. */
function envelope({ json, hash, signature, keyId }: StatementDocument): string {
  const proof = hash && signature ? { hash, signature: { keyId, algorithm: 'EdDSA', signature } } : {};
  return `${JSON.stringify(proof).slice(0, -1)}${hash ? ',' : ''}"statement":${json}}\n`;
}

function send(response: Response, document: StatementDocument, month: string, format: string): void {
  if (format === 'html') {
    response.setHeader('Content-Security-Policy', contentSecurityPolicy(document.html));
    response.type('html').send(document.html);
    return;
  }
  response.setHeader('Content-Disposition', `attachment; filename="statement-${month}.json"`);
  response.type('json').send(envelope(document));
}

interface StatementRoutePorts {
  readonly callers: Callers;
  readonly memberIds: MemberIds;
  readonly key: CallerKey;
  readonly read: ReadDocument;
  readonly log: Log;
}

/** Whoever follows a link with a ticket for this very path is its member; others are who their token says. */
async function callerOf(
  request: Parameters<RequestHandler>[0],
  { callers, key }: StatementRoutePorts,
): Promise<OutsideCaller> {
  const { ticket } = request.query;
  if (typeof ticket !== 'string') return callers.callerOf(request);
  const link = await verifyLink(ticket, key);
  return link?.path === request.path ? { kind: 'MEMBER', memberId: link.memberId } : { kind: 'PUBLIC' };
}

/** A session that a merchant minted is shown its member under that merchant's id: either id means the member. */
function memberMeant(id: string, caller: OutsideCaller, ids: MemberIds): string {
  const merchantId = speaksFor(caller);
  return merchantId === null ? id : (ids.meant(id, merchantId) ?? id);
}

/** Without one it is the member's own language. */
const mayBeLocale = (asked: unknown): asked is 'zh-CN' | 'en' | undefined =>
  asked === undefined || isLocale(asked);

const readers = new Set(['MEMBER', 'OPERATOR', 'AUDITOR']);

async function answer(
  request: Parameters<RequestHandler>[0],
  response: Response,
  ports: StatementRoutePorts,
): Promise<void> {
  const { member, file } = request.params as { member: string; file: string };
  const caller = await callerOf(request, ports);
  if (caller.kind === 'PUBLIC')
    return void response.status(401).json({ error: 'needs a token, or a link that is still good' });
  const [, month, format] = (readers.has(caller.kind) && name.exec(file)) || [];
  if (!month || !format) return void response.status(404).json({ error: 'not found' });
  const { locale } = request.query;
  if (!mayBeLocale(locale)) return void response.status(400).json({ error: 'locale: must be zh-CN or en' });
  const meant = memberMeant(member, caller, ports.memberIds);
  const document = await ports.read({ member: meant, month, locale: locale ?? null }, caller);
  if (!document) return void response.status(404).json({ error: 'not found' });
  send(response, document, month, format);
}

/** A failure of ours is 503 with nothing of its cause, which is in the log. */
const statementHandler =
  (ports: StatementRoutePorts): RequestHandler =>
  async (request, response) => {
    response.setHeader('Cache-Control', 'private, no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    try {
      await answer(request, response, ports);
    } catch (err) {
      ports.log.error({ err }, 'no statement could be read');
      response.status(503).json({ error: 'no statement can be read now: try again' });
    }
  };

/**
 * Statements to read, to print and to keep: `/statements/<member>/<month>.html` and `.json`. The member is named by its own
 * id or by the one that the caller was shown.
 */
export function statementRoutes(ports: StatementRoutePorts): Router {
  const router = Router();
  router.get('/statements/:member/:file', ports.callers.handler, statementHandler(ports));
  return router;
}

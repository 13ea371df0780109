import type { Request, RequestHandler, Response } from 'express';
import type { Log } from '../../subgraphs/shared/log.ts';
import { grantToken, type TokenPorts } from './grant-token.ts';
import { type Form, readTokenRequest, type TokenError } from './token-request.ts';

const statuses: Record<TokenError['error'], number> = {
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  invalid_scope: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  slow_down: 429,
};

function refuse(response: Response, { error, description }: TokenError): void {
  if (error === 'invalid_client') response.setHeader('WWW-Authenticate', 'Basic realm="jifen"');
  if (error === 'slow_down') response.setHeader('Retry-After', '60');
  response.status(statuses[error]).json({ error, error_description: description });
}

async function answer(request: Request, response: Response, ports: TokenPorts): Promise<void> {
  if (!request.is('application/x-www-form-urlencoded'))
    return refuse(response, {
      error: 'invalid_request',
      description: 'Send application/x-www-form-urlencoded.',
    });
  const form = (request.body ?? {}) as Form;
  const asked = readTokenRequest(form, request.header('authorization'));
  if ('error' in asked) return refuse(response, asked);
  const granted = await grantToken(asked, request.ip ?? '', ports);
  if ('error' in granted) return refuse(response, granted);
  response.json(granted);
}

/** POST /token (RFC 6749 §3.2). A failure of ours is 503 with nothing of its cause, which is in the log. */
export const tokenRoute =
  (ports: TokenPorts, log: Log): RequestHandler =>
  async (request, response) => {
    response.setHeader('Cache-Control', 'no-store');
    try {
      await answer(request, response, ports);
    } catch (err) {
      log.error({ err }, 'no token could be granted');
      response
        .status(503)
        .json({ error: 'temporarily_unavailable', error_description: 'Try again in a moment.' });
    }
  };

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RequestHandler, Router } from 'express';
import type { Log } from '../../subgraphs/shared/log.ts';
import type { ServiceClient } from '../../subgraphs/shared/service-client.ts';

/** What the gateway asks for the published keys with. */
export const signingKeysOperation = /* GraphQL */ `
  query SigningKeys {
    signingKeys {
      kty
      crv
      x
      kid
    }
  }
`;

const page = (): RequestHandler => {
  const html = readFileSync(join(import.meta.dirname, '../pages/verify.html'));
  return (_, response) => {
    // The rest of the policy is in the page itself, where it holds for a saved copy too.
    response.setHeader('Content-Security-Policy', "frame-ancestors 'none'");
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-cache');
    response.type('html').send(html);
  };
};

const keys =
  (accounts: Pick<ServiceClient, 'send'>, log: Log): RequestHandler =>
  async (_, response) => {
    try {
      const answer = await accounts.send<{ signingKeys: readonly object[] }>(signingKeysOperation, {});
      response.setHeader('Cache-Control', 'public, max-age=300');
      response.json({ keys: answer.signingKeys.map((key) => ({ ...key, alg: 'EdDSA', use: 'sig' })) });
    } catch (error) {
      log.error({ err: error }, 'the signing keys cannot be read');
      response.status(503).json({ error: 'the signing keys cannot be read now' });
    }
  };

/** The page that verifies proofs, and the keys to verify them with as a JWK set (RFC 7517). */
export function proofRoutes(accounts: Pick<ServiceClient, 'send'>, log: Log): Router {
  const router = Router();
  router.get('/verify', page());
  router.get('/.well-known/jifen-signing-keys.json', keys(accounts, log));
  return router;
}

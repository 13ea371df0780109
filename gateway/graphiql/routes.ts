import { randomBytes } from 'node:crypto';
import { type RequestHandler, Router } from 'express';
import type { TokenIssuer } from '../token/issuer.ts';
import { type Asset, readAssets } from './assets.ts';
import { type Demo, demoTokenSeconds } from './demo.ts';
import { readExamples } from './examples.ts';
import { contentSecurityPolicy, graphiqlHtml } from './html.ts';

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/** Demo tokens are for whoever sits at the machine: a page of elsewhere that points its name here gets none. */
const onlyLoopback: RequestHandler = (request, response, next) => {
  if (loopback.test(request.header('host') ?? '')) next();
  else response.status(403).json({ error: 'demo tokens are given on the machine itself only' });
};

const page =
  (assets: ReturnType<typeof readAssets>): RequestHandler =>
  (_, response) => {
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('Content-Security-Policy', contentSecurityPolicy(nonce));
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    response.type('html').send(graphiqlHtml(assets, nonce));
  };

const asset =
  (found: Asset): RequestHandler =>
  (_, response) => {
    response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Content-Type', found.type);
    response.send(found.body);
  };

const tokens =
  (issuer: TokenIssuer, demo: () => Demo | null): RequestHandler =>
  async (_, response) => {
    response.setHeader('Cache-Control', 'no-store');
    response.json(
      await Promise.all(
        (demo()?.identities ?? []).map(async ({ label, name, caller }) => ({
          label,
          name,
          kind: caller.kind,
          token: await issuer.sign(caller, demoTokenSeconds),
        })),
      ),
    );
  };

/** GraphiQL with its own files, example tabs and, for a demo store, tokens one click away. */
export function graphiqlRoutes(issuer: TokenIssuer, demo: () => Demo | null): Router {
  const router = Router();
  const assets = readAssets();
  router.get('/', (_, response) => response.redirect(302, '/graphiql'));
  router.get('/graphiql', page(assets));
  router.get('/graphiql/examples', (_, response) => void response.json(readExamples(demo()?.facts ?? null)));
  router.get('/graphiql/demo-tokens', onlyLoopback, tokens(issuer, demo));
  for (const found of Object.values(assets)) router.get(found.url, asset(found));
  return router;
}

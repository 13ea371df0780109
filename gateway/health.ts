import type { RequestHandler } from 'express';
import { request } from 'undici';

/** Says that the process answers. */
export const liveRoute: RequestHandler = (_, response) => void response.json({ status: 'up' });

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await request(new URL('/health/ready', url), {
      headersTimeout: 2_000,
      bodyTimeout: 2_000,
      signal: AbortSignal.timeout(3_000),
    });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}

/** Says whether the schema is loaded and every subgraph is ready, and which is not. */
export const readyRoute =
  (loaded: () => boolean, subgraphs: Readonly<Record<string, string>>): RequestHandler =>
  async (_, response) => {
    const states = await Promise.all(
      Object.entries(subgraphs).map(async ([name, url]) => [name, await isReady(url)] as const),
    );
    const missing = states.flatMap(([name, ready]) => (ready ? [] : [name]));
    const ready = loaded() && missing.length === 0;
    response
      .status(ready ? 200 : 503)
      .json(ready ? { status: 'ready' } : { status: 'not ready', waitingFor: missing });
  };

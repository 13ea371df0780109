import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to one of the next calls of the catalogue to accounts. */
export interface Mishap {
  /** Which of them, from 1. */
  readonly call: number;
  readonly what: 'REQUEST_LOST' | 'ANSWER_LOST' | 'SENT_TWICE';
}

/** The way from the catalogue to accounts, at one address however often accounts is restarted. */
export interface Link {
  readonly url: string;
  /** Where accounts is for the next call. */
  target: () => string;
  /** Plans a mishap, or none. */
  plan(mishap: Mishap | null): void;
  stop(): Promise<void>;
}

/** Opens a link. */
export async function openLink(): Promise<Link> {
  let planned: (Mishap & { seen: number }) | null = null;
  const link = { target: () => '' };
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const due = planned && ++planned.seen === planned.call ? planned.what : null;
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const forward = () =>
      fetch(link.target(), {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: Buffer.concat(chunks),
      });
    try {
      if (due === 'REQUEST_LOST') throw new Error('lost on the way');
      if (due === 'SENT_TWICE') await (await forward()).arrayBuffer();
      const answer = await forward();
      const body = Buffer.from(await answer.arrayBuffer());
      if (due === 'ANSWER_LOST') throw new Error('lost on the way back');
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    } catch {
      response.destroy();
    }
  };
  const server = createServer((request, response) => void pass(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(link, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    plan: (mishap: Mishap | null) => {
      planned = mishap && { ...mishap, seen: 0 };
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  });
}

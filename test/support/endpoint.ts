import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an endpoint was sent. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { id: string; type: string; subject?: string; data: Record<string, unknown> };
}

/** A partner's endpoint on this machine. */
export interface TestEndpoint {
  readonly url: string;
  readonly received: readonly Received[];
  /** Answers a request with a status from now on; `null` never answers. */
  answer(status: (request: Received) => number | null, headers?: Record<string, string>): void;
  stop(): Promise<void>;
}

/** Starts one, which takes everything until told otherwise. */
export async function startEndpoint(): Promise<TestEndpoint> {
  const received: Received[] = [];
  let statusOf: (request: Received) => number | null = () => 200;
  let extra: Record<string, string> = {};
  const reply = (response: ServerResponse, request: Received) => {
    const status = statusOf(request);
    if (status === null) return;
    response
      .writeHead(status, { ...extra, ...(status === 302 ? { location: '/elsewhere' } : {}) })
      .end('x'.repeat(100_000));
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const got = { headers: request.headers, text, body: JSON.parse(text) as Received['body'] };
    received.push(got);
    reply(response, got);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received,
    answer: (status, headers = {}) => {
      statusOf = status;
      extra = headers;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallerKey, callerHeader, signCaller } from '../../subgraphs/shared/caller.ts';
import type { Read } from './world.ts';

/**
 * What happens to one of the next calls of the catalogue to accounts. HELD_UP is lost, as far as the catalogue can tell, and
 * COPIED is answered, but both arrive later, once more; before SWEPT arrives, everything is swept.
 */
export interface Mishap {
  /** Which of them, from 1. */
  readonly call: number;
  readonly what: 'REQUEST_LOST' | 'ANSWER_LOST' | 'SENT_TWICE' | 'HELD_UP' | 'COPIED' | 'SWEPT';
}

/** A call on its way. */
export interface Call {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** The way from the catalogue to accounts, at one address however often accounts is restarted. */
export interface Link {
  readonly url: string;
  /** Where accounts is for the next call. */
  target: () => string;
  /** What is done before a call that is SWEPT. */
  sweep: () => Promise<void>;
  /** Plans a mishap, or none. */
  plan(mishap: Mishap | null): void;
  /** The calls that are on their way still, as nobody took them off it before. */
  takeLate(): readonly Call[];
  /** Lets a call arrive that is late; gives what accounts answers, and what it answered to the same one before. */
  arrive(call: Call): Promise<{ readonly now: Read; readonly before: Read }>;
  stop(): Promise<void>;
}

/** The same call as if it were signed now: how long it was on its way by a clock on the wall is not what is played. */
async function signedAnew({ headers, body }: Call, key: CallerKey): Promise<Call> {
  const [, payload] = headers[callerHeader]!.split('.');
  const { caller } = JSON.parse(Buffer.from(payload!, 'base64url').toString());
  return { headers: { ...headers, [callerHeader]: await signCaller(caller, key) }, body };
}

/** The key by which accounts knows a call again; a read has none. */
const keyOf = ({ body }: Call): string | undefined => JSON.parse(body).variables.input?.idempotencyKey;

const inTheWay = ['host', 'connection', 'content-length'];

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).filter(([name]) => !inTheWay.includes(name));
  return {
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks).toString(),
  };
}

/** Opens a link, between those who know the key. */
export async function openLink(key: CallerKey): Promise<Link> {
  let planned: (Mishap & { seen: number }) | null = null;
  let late: Call[] = [];
  const answers = new Map<string, Read>();
  const link = { target: () => '', sweep: async () => {} };
  const forward = async (call: Call): Promise<{ status: number; told: string }> => {
    const answer = await fetch(link.target(), { method: 'POST', ...call });
    const told = await answer.text();
    const known = keyOf(call);
    if (known && answer.ok) answers.set(known, JSON.parse(told).data);
    return { status: answer.status, told };
  };
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = await readCall(request);
    const due = planned && ++planned.seen === planned.call ? planned.what : null;
    try {
      if (due === 'HELD_UP' || due === 'COPIED') late.push(call);
      if (due === 'REQUEST_LOST' || due === 'HELD_UP') throw new Error('lost on the way');
      if (due === 'SENT_TWICE') await forward(call);
      if (due === 'SWEPT') await link.sweep();
      const { status, told } = await forward(call);
      if (due === 'ANSWER_LOST') throw new Error('lost on the way back');
      response.writeHead(status, { 'content-type': 'application/json' }).end(told);
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
    takeLate: () => {
      const taken = late;
      late = [];
      return taken;
    },
    arrive: async (call: Call) => {
      const before = answers.get(keyOf(call) ?? '') ?? null;
      const { told } = await forward(await signedAnew(call, key));
      return { now: JSON.parse(told).data, before };
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  });
}

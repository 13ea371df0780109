import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { Agent, request } from 'undici';
import type { Answer } from './send-deliveries.ts';
import { checkTarget, isAllowedAddress, publicTarget, type TargetTerms } from './target.ts';

/** An address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a host name; rejects if it has none. */
export type LookupHost = (host: string) => Promise<readonly HostAddress[]>;

/** How the system finds addresses. */
export const lookupHost: LookupHost = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/** The addresses of a host name at present; none if it has none. */
export const addressesOf =
  (lookup: LookupHost) =>
  async (host: string): Promise<readonly string[]> => {
    try {
      return (await lookup(host)).map(({ address }) => address);
    } catch {
      return [];
    }
  };

/** How an endpoint is reached. */
export interface EndpointClientOptions {
  readonly targets: TargetTerms;
  readonly lookup?: LookupHost;
  /** How long a request may take from its begin to the end of its answer. */
  readonly timeoutMs?: number;
}

/** Sends to partners' endpoints. */
export interface EndpointClient {
  /** Never rejects. No redirect is followed; of the answer only the status counts. */
  post(url: string, headers: Record<string, string>, body: string): Promise<Answer>;
  /** Breaks off what is under way and lets connections go. */
  stop(): Promise<void>;
}

const answerBytesRead = 4_096;

/**
 * Looks a host up for a connection and lets it be made only to an address that is allowed: what is checked here is what is
 * connected to, so a name that changes its address between two look-ups gains nothing. One bad address of many is enough
 * to refuse.
 */
function checkedLookup(lookup: LookupHost, targets: TargetTerms): LookupFunction {
  const find = callbackify(async (host: string) => {
    const addresses = await lookup(host);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => !isAllowedAddress(address, targets)))
      throw new Error(`${host} must be ${publicTarget}`);
    return { first, addresses: [...addresses] };
  });
  return (host, options, callback) => {
    find(host, (error, found) => {
      if (error) callback(error, []);
      else if (options.all) callback(null, found.addresses);
      else callback(null, found.first.address, found.first.family);
    });
  };
}

/** Why nothing was answered, short enough to keep. */
function reasonOf(error: unknown): string {
  const { name, code, message, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (name === 'TimeoutError' || /TIMEOUT/.test(code ?? '')) return 'timed out';
  if (cause instanceof Error) return reasonOf(cause);
  return (message || code || name || 'failed').slice(0, 200);
}

const unanswered = (error: string): Answer => ({ responseStatus: null, error, retryAfter: null });

/** Makes a client with connections of its own. */
export function createEndpointClient(options: EndpointClientOptions): EndpointClient {
  const { targets, lookup = lookupHost, timeoutMs = 10_000 } = options;
  const agent = new Agent({
    connect: { lookup: checkedLookup(lookup, targets), timeout: timeoutMs },
    connections: 8,
    keepAliveTimeout: 10_000,
    // A second fence behind the deadline of each request: undici’s own are five minutes.
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const underWay = new Set<AbortController>();

  /**
   * Does something within the time that a request has. What ends it is held here until it is done: a signal made of others
   * (`AbortSignal.any`) holds them weakly, and the garbage collector takes a time-out that nothing else holds.
   */
  const withDeadline = async (work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> => {
    const ender = new AbortController();
    const late = () => ender.abort(new DOMException('no answer in time', 'TimeoutError'));
    const timer = setTimeout(late, timeoutMs);
    underWay.add(ender);
    try {
      return await work(ender.signal);
    } finally {
      clearTimeout(timer);
      underWay.delete(ender);
    }
  };

  const ask = async (
    url: string,
    headers: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const response = await request(url, {
      method: 'POST',
      dispatcher: agent,
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'user-agent': 'jifen-webhooks',
        ...headers,
      },
      body,
      signal,
    });
    await response.body.dump({ limit: answerBytesRead }).catch(() => {});
    const retryAfter = [response.headers['retry-after'] ?? []].flat()[0] ?? null;
    return { responseStatus: response.statusCode, error: null, retryAfter };
  };

  const post: EndpointClient['post'] = async (url, headers, body) => {
    // An address in the URL itself is never looked up.
    const expected = checkTarget(url, targets);
    if (expected !== null) return unanswered(`the URL must be ${expected}`);
    try {
      return await withDeadline((signal) => ask(url, headers, body, signal));
    } catch (error) {
      return unanswered(reasonOf(error));
    }
  };
  return {
    post,
    stop: async () => {
      for (const ender of underWay) ender.abort(new Error('stopped'));
      await agent.destroy();
    },
  };
}

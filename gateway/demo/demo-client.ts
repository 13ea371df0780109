import { request } from 'undici';

/** The demo data could not be put in. */
export class DemoError extends Error {
  override name = 'DemoError';
}

/** Sends one mutation or query to the public endpoint and gives the value of its only field. */
export type Send = <T>(token: string | null, operation: string, variables?: object) => Promise<T>;

interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string }[];
}

const refusal = (value: unknown): string | null =>
  value !== null && typeof value === 'object' && 'code' in value && 'message' in value
    ? `${String(value.code)}: ${String(value.message)}`
    : null;

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** A client of the endpoint at `url`, the public one unless told how callers prove who they are. Throws a DemoError on errors and on refusals. */
export const createSend =
  (url: string, proof: (token: string) => Record<string, string> = bearer): Send =>
  async <T>(token: string | null, operation: string, variables: object = {}) => {
    const response = await request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token ? proof(token) : {}),
      },
      body: JSON.stringify({ query: operation, variables }),
    });
    const { data, errors } = (await response.body.json()) as Answer;
    if (errors?.[0] || !data) throw new DemoError(errors?.[0]?.message ?? 'no answer');
    const value = Object.values(data)[0];
    const refused = refusal(value);
    if (refused) throw new DemoError(refused);
    return value as T;
  };

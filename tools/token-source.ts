import type { GraphqlClient } from './graphql-client.ts';

/** Gives a merchant's token, and a new one ten minutes later, long before the last expires. */
export function tokenSource(
  client: GraphqlClient,
  clientId: string,
  clientSecret: string,
): () => Promise<string> {
  let current: { token: Promise<string>; until: number } | null = null;
  return () => {
    if (current && current.until > Date.now()) return current.token;
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const answer = client.token(form);
    const fresh = { token: answer.then((found) => found.access_token), until: Date.now() + 600_000 };
    current = fresh;
    return fresh.token;
  };
}

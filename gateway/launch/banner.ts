import type { SeededDemo } from '../demo/seed.ts';
import { demoTokenSeconds } from '../graphiql/demo.ts';
import type { TokenIssuer } from '../token/issuer.ts';

/** What `npm start` tells once everything runs. */
export interface BannerFacts {
  readonly origin: string;
  /** Where data is kept, in words. */
  readonly store: string;
  readonly demo: SeededDemo | null;
}

const query = (origin: string, token: string): string => `  curl -s ${origin}/graphql \\
    -H 'content-type: application/json' \\
    -H 'authorization: Bearer ${token}' \\
    -d '{"query":"{ viewer { member { displayName wallet { available } affordableRewards(first: 3) { name points } } } }"}'`;

const credentialLines = ({ clientId, clientSecret }: NonNullable<SeededDemo['credential']>, origin: string) =>
  `Demo Pet Shop's own credential, shown this once, gets tokens as any merchant does:

  curl -s ${origin}/token -d grant_type=client_credentials -d client_id=${clientId} -d client_secret=${clientSecret}
`;

async function demoLines({ origin, demo }: BannerFacts, issuer: TokenIssuer): Promise<string> {
  if (!demo) return 'There is no demo data in this store: npm run token mints tokens for it.\n';
  const tokens = await Promise.all(
    demo.identities.map(async (identity) => ({
      ...identity,
      token: await issuer.sign(identity.caller, demoTokenSeconds),
    })),
  );
  const list = tokens.map(({ label, name, token }) => `${label} (${name})\n  ${token}`).join('\n');
  const member = tokens.find(({ caller }) => caller.kind === 'MEMBER')!;
  return `Demo tokens, good for ${demoTokenSeconds / 3600} hours (GraphiQL has them as buttons):

${list}

Try this:

${query(origin, member.token)}

${demo.credential ? credentialLines(demo.credential, origin) : ''}`;
}

/** The text. */
export async function banner(facts: BannerFacts, issuer: TokenIssuer): Promise<string> {
  return `
积分 Jifen runs.

  GraphiQL   ${facts.origin}/graphiql
  GraphQL    ${facts.origin}/graphql
  Data       ${facts.store}

${await demoLines(facts, issuer)}
Ctrl-C stops it.
`;
}

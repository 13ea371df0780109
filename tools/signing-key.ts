import { launchTokenIssuer, readKeys } from '../gateway/launch/keys.ts';
import { createTokenIssuer, type TokenIssuer } from '../gateway/token/issuer.ts';
import { StartError } from '../subgraphs/shared/config.ts';
import { type SigningKey, signingKeyShape } from '../subgraphs/shared/signing/signing-key.ts';

function readSigningKey(): SigningKey {
  const given = process.env['TOKEN_SIGNING_KEY'];
  if (!given) {
    const kept = readKeys(process.env['DATA_FOLDER'] ?? 'data');
    if (kept) return kept.tokenSigningKey;
    throw new StartError('no key: run npm start once, or set TOKEN_SIGNING_KEY');
  }
  try {
    return signingKeyShape.parse(JSON.parse(given));
  } catch {
    throw new StartError('TOKEN_SIGNING_KEY is not a private Ed25519 JWK');
  }
}

/**
 * The issuer of this coalition's tokens: with TOKEN_SIGNING_KEY (a private Ed25519 JWK) and TOKEN_ISSUER or, without them,
 * with the key that `npm start` keeps in the data folder. Throws a StartError where there is no key.
 */
export const openTokenIssuer = (): Promise<TokenIssuer> =>
  createTokenIssuer(readSigningKey(), process.env['TOKEN_ISSUER'] ?? launchTokenIssuer, null);

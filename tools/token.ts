// npm run token -- --kind operator --subject NAME [--hours N]: mints a token for somebody who runs the coalition.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { launchTokenIssuer } from '../gateway/launch/keys.ts';
import { StartError } from '../subgraphs/shared/config.ts';
import { openTokenIssuer } from './signing-key.ts';

const usage = `npm run token -- --kind operator|auditor|adviser|charity --subject NAME [--hours N]

Prints a token signed with TOKEN_SIGNING_KEY (a private Ed25519 JWK) or, without it, with the key that npm start keeps in
the data folder (DATA_FOLDER, ./data if left out). TOKEN_ISSUER names the issuer if it is not "${launchTokenIssuer}".
Merchants get their tokens from POST /token.`;

const asked = z.object({
  kind: z
    .string()
    .transform((kind) => kind.toUpperCase())
    .pipe(z.enum(['OPERATOR', 'AUDITOR', 'ADVISER', 'CHARITY'])),
  subject: z.string().min(1).max(100),
  hours: z.coerce
    .number()
    .positive()
    .max(24 * 365),
});

function readAsked() {
  const { values } = parseArgs({
    options: {
      kind: { type: 'string', default: '' },
      subject: { type: 'string', default: '' },
      hours: { type: 'string', default: '8' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const found = asked.safeParse(values);
  if (!found.success)
    throw new StartError(
      `${found.error.issues.map(({ path }) => `--${path.join('.')}`).join(', ')} is not right`,
    );
  return found.data;
}

async function main(): Promise<void> {
  const wanted = readAsked();
  if (!wanted) return console.log(usage);
  const { kind, subject, hours } = wanted;
  const issuer = await openTokenIssuer();
  console.log(await issuer.sign({ kind, subject }, Math.round(hours * 3600)));
}

main().catch((error: Error) => {
  console.error(`token: ${error.message.split('\n')[0]}`);
  process.exitCode = 1;
});

import { createHash } from 'node:crypto';
import { Binary, type Document } from 'bson';
import { ServerError } from '../bson/errors.ts';
import { checkFields } from './arguments.ts';
import type { CommandContext } from './context.ts';

const STAGE = '$listLocalSessions';
const FIELDS = new Set(['allUsers', 'users']);
/** What the server keeps of the name of whoever started a session; here nobody has one. */
const NOBODY = new Binary(createHash('sha256').digest());

/** The sessions that a pipeline beginning with `$listLocalSessions` asks for; undefined when it does not. */
export function localSessions(
  { engine, db, transaction }: CommandContext,
  ns: string | undefined,
  pipeline: readonly Document[],
): Document[] | undefined {
  const spec = pipeline[0]?.[STAGE];
  if (spec === undefined) return undefined;
  if (ns !== undefined)
    throw new ServerError(73, `${STAGE} must be run against the '${db}' database with {aggregate: 1}`);
  if (transaction)
    throw new ServerError(263, `Stage not supported inside of a multi-document transaction: ${STAGE}`);
  checkFields(spec, STAGE, FIELDS);
  return [...engine.sessions.byId.values()].map(({ id, lastUsed }) => ({
    _id: { id: new Binary(Buffer.from(id, 'hex'), Binary.SUBTYPE_UUID), uid: NOBODY },
    lastUse: new Date(lastUsed),
  }));
}

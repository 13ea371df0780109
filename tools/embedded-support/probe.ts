import type { mongo } from 'mongoose';
import * as names from './names.ts';

type Command = Record<string, unknown>;

/** A kind of name: how one is used, and how a server answers that does not know it. */
export interface Kind {
  readonly title: string;
  readonly names: readonly string[];
  readonly probe: (name: string) => Command;
  readonly isUnknown: (error: mongo.MongoServerError) => boolean;
}

/** What a server does with a name: carries it out, or refuses it with a code. */
export type Finding = { readonly name: string } & (
  | { readonly supported: true }
  | { readonly supported: false; readonly code: number }
);

const find = (more: Command): Command => ({ find: 'probe', ...more });
const aggregate = (...pipeline: Command[]): Command => ({ aggregate: 'probe', pipeline, cursor: {} });
const update = (u: Command): Command => ({ findAndModify: 'probe', query: {}, update: u });
/** This server's word for what a real one has. */
const notSupported = 115;
const coded =
  (...codes: number[]) =>
  ({ code }: mongo.MongoServerError): boolean =>
    codes.includes(Number(code)) || code === notSupported;
const saying =
  (text: RegExp) =>
  ({ message, code }: mongo.MongoServerError): boolean =>
    text.test(message) || code === notSupported;

/** Every kind of name that the manual publishes. The operand is mostly wrong: only an unknown name is looked for. */
export const kinds: readonly Kind[] = [
  {
    title: 'Commands',
    names: names.commands,
    probe: (name) => ({ [name]: 1 }),
    isUnknown: ({ code }) => code === 59,
  },
  {
    title: 'Conditions of a field',
    names: names.fieldConditions,
    probe: (name) => find({ filter: { a: { [name]: null } } }),
    isUnknown: saying(/^unknown operator/),
  },
  {
    title: 'Other query operators',
    names: names.topConditions,
    probe: (name) => find({ filter: { [name]: null } }),
    isUnknown: saying(/^unknown top level operator/),
  },
  {
    title: 'Projections',
    names: names.projections,
    probe: (name) => find({ projection: { a: { [name]: null } } }),
    isUnknown: coded(168, 31325),
  },
  {
    title: 'Updates',
    names: names.updates,
    probe: (name) => update({ [name]: { a: null } }),
    isUnknown: saying(/^Unknown modifier/),
  },
  {
    title: 'Modifiers of `$push`',
    names: names.pushModifiers,
    probe: (name) => update({ $push: { a: { $each: [], [name]: null } } }),
    isUnknown: saying(/Unrecognized clause/),
  },
  {
    title: 'Stages',
    names: names.stages,
    probe: (name) => aggregate({ [name]: null }),
    // The second is the word of a server that has no change streams.
    isUnknown: coded(40324, 40573),
  },
  {
    title: 'Accumulators',
    names: names.accumulators,
    probe: (name) => aggregate({ $group: { _id: null, a: { [name]: null } } }),
    isUnknown: coded(15952),
  },
  {
    title: 'Window functions',
    names: names.windowFunctions,
    probe: (name) => aggregate({ $setWindowFields: { sortBy: { a: 1 }, output: { a: { [name]: null } } } }),
    isUnknown: saying(/^Unrecognized window function/),
  },
  {
    title: 'Expressions',
    names: names.expressions,
    probe: (name) => aggregate({ $addFields: { a: { [name]: null } } }),
    isUnknown: coded(168),
  },
];

/** Asks a server what it does with each name of a kind. */
export async function findingsOf(db: mongo.Db, { names: all, probe, isUnknown }: Kind): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const name of all) {
    const error = await db.command(probe(name)).then(
      () => null,
      (thrown: mongo.MongoServerError) => thrown,
    );
    // What is no answer of the server's must not pass for one.
    if (error !== null && error.code === undefined) throw error;
    findings.push(
      error && isUnknown(error)
        ? { name, supported: false, code: Number(error.code) }
        : { name, supported: true },
    );
  }
  return findings;
}

const listed = (found: readonly { name: string }[]): string =>
  found.length > 0 ? found.map(({ name }) => `\`${name}\``).join(' ') : 'none';

/** The table of what a server supports, in Markdown. */
export async function supportTable(db: mongo.Db): Promise<string> {
  const rows: string[] = [];
  for (const kind of kinds) {
    const findings = await findingsOf(db, kind);
    const refused = findings.flatMap((found) =>
      found.supported ? [] : [{ name: found.name, code: found.code }],
    );
    const codes = [...new Set(refused.map(({ code }) => code))].sort((a, b) => a - b);
    const refusals = codes.map((code) => `${code}: ${listed(refused.filter((one) => one.code === code))}`);
    rows.push(
      `| ${kind.title} | ${listed(findings.filter(({ supported }) => supported))} | ${refusals.join('; ') || 'none'} |`,
    );
  }
  return ['| | supported | refused, with the code |', '|---|---|---|', ...rows].join('\n');
}

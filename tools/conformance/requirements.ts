import type { Document } from 'bson';
import type { mongo } from 'mongoose';

/** What tests may ask of the server that they run on. */
export interface ServerFacts {
  readonly version: string;
  readonly topology: 'single' | 'replicaset' | 'sharded';
  /** Whether `$changeStream` is answered. */
  readonly changeStreams: boolean;
  /** Whether fail points can be set. */
  readonly failPoints: boolean;
}

/** Asks a server what it is. */
export async function learnFacts(client: mongo.MongoClient): Promise<ServerFacts> {
  const admin = client.db('admin');
  const [info, hello] = await Promise.all([admin.command({ buildInfo: 1 }), admin.command({ hello: 1 })]);
  return {
    version: info['version'],
    topology: hello['setName'] ? 'replicaset' : hello['msg'] === 'isdbgrid' ? 'sharded' : 'single',
    changeStreams: await answers(admin, {
      aggregate: 1,
      pipeline: [{ $changeStream: { allChangesForCluster: true } }],
      cursor: {},
    }),
    failPoints: await answers(admin, { configureFailPoint: 'failCommand', mode: 'off' }),
  };
}

async function answers(db: mongo.Db, command: Document): Promise<boolean> {
  return db.command(command).then(
    () => true,
    () => false,
  );
}

/** Why a file or test cannot run here: none of its alternatives is met. Undefined when one is, or there are none. */
export function unmetRequirement(
  facts: ServerFacts,
  alternatives: readonly Document[] | undefined,
): string | undefined {
  if (alternatives === undefined || alternatives.length === 0) return undefined;
  const unmet = alternatives.map((requirement) => unmetPart(facts, requirement));
  if (unmet.includes(undefined)) return undefined;
  return [...new Set(unmet)].join(', or ');
}

function unmetPart(facts: ServerFacts, requirement: Document): string | undefined {
  const { minServerVersion, maxServerVersion, topologies, auth, csfle } = requirement;
  if (topologies && !topologies.includes(facts.topology))
    return `needs a topology of ${topologies.join('/')}`;
  if (minServerVersion && compareVersions(facts.version, minServerVersion) < 0)
    return `needs a server of ${minServerVersion} or later`;
  if (maxServerVersion && compareVersions(facts.version, maxServerVersion) > 0)
    return `needs a server of ${maxServerVersion} or earlier`;
  if (requirement['serverless'] === 'require') return 'needs a serverless deployment';
  if (auth === true) return 'needs authentication';
  if (csfle) return 'needs client-side encryption';
  return undefined;
}

/** Below zero when the first version is the older; parts that a version does not name count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

import mongoose from 'mongoose';
import { StartError } from '../../subgraphs/shared/config.ts';
import type { LaunchDatabase } from './database.ts';

/** A connection string without what is nobody's business. */
const shown = (uri: string): string => uri.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');

/** Makes sure that the MongoDB somebody named answers and can do transactions. Throws a StartError that says what is wrong. */
export async function openForeignDatabase(uri: string): Promise<LaunchDatabase> {
  const connection = mongoose.createConnection(uri, { serverSelectionTimeoutMS: 4_000 });
  try {
    await connection.asPromise();
    const hello = await connection.db!.admin().command({ hello: 1 });
    if (!hello['setName'] && hello['msg'] !== 'isdbgrid')
      throw new StartError(`MongoDB at ${shown(uri)} is not a replica set: transactions need one`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const reason = (error as Error).message.split('\n')[0];
    throw new StartError(`MongoDB at ${shown(uri)} cannot be used: ${reason}`);
  } finally {
    await connection.close().catch(() => {});
  }
  return { uri, ended: new Promise<string>(() => {}), stop: async () => {} };
}

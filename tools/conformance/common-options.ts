import type { Document } from 'bson';
import mongoose, { type mongo } from 'mongoose';

const { ReadConcern, ReadPreference, WriteConcern } = mongoose.mongo;

/** Options of a client, database, collection, session or call, with concerns and preferences as the driver takes them. */
export function driverOptions(options: Document = {}): Document {
  const { readConcern, readPreference, writeConcern, defaultTransactionOptions, ...rest } = options;
  return {
    ...rest,
    ...(readConcern && { readConcern: ReadConcern.fromOptions({ readConcern }) }),
    ...(readPreference && { readPreference: preferenceOf(readPreference) }),
    ...(writeConcern && { writeConcern: WriteConcern.fromOptions({ writeConcern }) }),
    ...(defaultTransactionOptions && {
      defaultTransactionOptions: driverOptions(defaultTransactionOptions),
    }),
  };
}

function preferenceOf({ mode, tagSets, ...options }: Document): mongo.ReadPreference {
  return new ReadPreference(mode, tagSets, options);
}

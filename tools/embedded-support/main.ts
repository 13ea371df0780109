// npx tsx tools/embedded-support/main.ts: writes what the embedded database supports into its README.
import { readFileSync, writeFileSync } from 'node:fs';
import mongoose from 'mongoose';
import { startEmbeddedMongo } from '../../embedded-mongodb/server.ts';
import { supportTable } from './probe.ts';
import { withTable } from './readme.ts';

const file = 'embedded-mongodb/README.md';
const server = await startEmbeddedMongo();
const client = await new mongoose.mongo.MongoClient(server.uri).connect();
writeFileSync(file, withTable(readFileSync(file, 'utf8'), await supportTable(client.db('probe'))));
await client.close();
await server.stop();

import { expect, test } from '@jest/globals';
import { type Document, Int32, UUID } from 'bson';
import { inProcess } from '../wire/in-process.ts';

const lsid = { id: new UUID() };
const project = (fields: Document): Document => ({
  aggregate: 1,
  pipeline: [{ $documents: [{}] }, { $project: fields }],
  cursor: {},
});

test.each([
  [{ killCursors: 'c', cursors: 5 }, 14],
  [{ refreshSessions: 5 }, 14],
  [{ endSessions: [5] }, 14],
  [{ dropIndexes: 'c', index: null }, 14],
  [{ dropIndexes: 'c', index: [5] }, 14],
  [{ collMod: 'c', index: {} }, 14],
  [{ find: 'c', lsid, txnNumber: 'x', autocommit: false, startTransaction: true }, 14],
  [{ insert: 'c', documents: [{}], lsid, txnNumber: new Int32(1) }, 14],
  [{ find: 'c', collation: { locale: 'no such locale' } }, 2],
  [{ find: 'c', collation: { locale: 'en', constructor: 1 } }, 40415],
  [{ update: 'c', updates: [{ q: {} }] }, 40414],
  [{ update: 'c', updates: [{ q: {}, u: 5 }] }, 9],
  [{ createIndexes: 'c', indexes: [{ key: { a: 1 }, name: 'a', expireAfterSeconds: null }] }, 67],
  [{ aggregate: 'c', pipeline: [{ $setWindowFields: { sortBy: null, output: {} } }], cursor: {} }, 14],
  [project({ r: { $range: [0, 2147483647] } }), 146],
  [project({ o: { $arrayToObject: [[{ k: 'a\0b', v: 1 }]] } }), 2],
])('%j is answered with a code of a real server', async (command, code) => {
  const { command: send } = inProcess();
  await send({ insert: 'c', documents: [{ _id: 1 }], $db: 't' });

  const reply = await send({ ...command, $db: 't' });

  expect([reply['ok'], (reply['writeErrors']?.[0] ?? reply).code]).toEqual(
    reply['writeErrors'] ? [1, code] : [0, code],
  );
});

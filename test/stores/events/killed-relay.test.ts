import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventsOf, firstComings, subscriber } from '../../support/events.ts';
import { startTestMongo, type TestMongo } from '../../support/mongo.ts';
import { until } from '../../support/until.ts';
import { type EventsWorld, eventsWorld } from './events-world.ts';

let mongo: TestMongo;
let world: EventsWorld;
let database: string;

beforeAll(async () => {
  mongo = await startTestMongo();
  database = mongo.database('killed');
  world = await eventsWorld({ ...mongo, database: () => database }, 'killed');
});

afterAll(async () => {
  await world.close();
  await mongo.stop();
});

function startRelay(onEvent: (child: ChildProcess, id: string) => void): ChildProcess {
  const child = fork(join(import.meta.dirname, '../../support/relaying-process.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, RELAY_URI: mongo.uri, RELAY_DATABASE: database },
  });
  child.on('message', (id: string) => onEvent(child, id));
  return child;
}

/** Kills a process as a power cut would, and waits until it is gone. */
async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

test('relays that are killed after each of the first events, one after another, lose nothing and reorder nothing', async () => {
  await world.outbox.add(eventsOf(['a', 'b'], 3));
  const taken: string[] = [];

  for (const survives of [0, 1, 2]) {
    let seen = 0;
    let isDead = false;
    const child = startRelay((self, id) => {
      if (isDead) return;
      taken.push(id);
      seen += 1;
      if (seen <= survives) self.send(id);
      else isDead = self.kill('SIGKILL');
    });
    await once(child, 'exit');
  }
  const last = startRelay((self, id) => {
    taken.push(id);
    self.send(id);
  });
  const left = () => world.outbox.waiting(subscriber, [...Array(64).keys()], null, 10);
  await until(async () => (await left()).length === 0);
  await kill(last);

  expect(firstComings(taken)).toEqual({ a: [1, 2, 3], b: [1, 2, 3] });
  // Killed before it could take out what it had delivered, each left something to be delivered again.
  expect(taken.length).toBeGreaterThan(6);
}, 600_000);

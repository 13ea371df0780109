import { expect, test } from '@jest/globals';
import { closing, stopAll } from '../../subgraphs/shared/stop-all.ts';

const stopping = (stopped: string[], name: string, failure?: Error) => ({
  stop: async () => {
    await Promise.resolve();
    stopped.push(name);
    if (failure) throw failure;
  },
});

test('stops group after group, and closes what is closed', async () => {
  const stopped: string[] = [];
  const connection = { close: async () => stopped.push('connection') };

  await stopAll(
    [stopping(stopped, 'server')],
    [stopping(stopped, 'relay'), stopping(stopped, 'sweeper')],
    [closing(connection)],
  );

  expect(stopped).toEqual(['server', 'relay', 'sweeper', 'connection']);
});

test('what fails does not keep the rest from being stopped, and the first failure is told', async () => {
  const stopped: string[] = [];
  const first = new Error('the database is gone');
  const failing = {
    stop: (): Promise<void> => {
      throw first;
    },
  };

  const all = stopAll(
    [failing, stopping(stopped, 'server')],
    [stopping(stopped, 'relay', new Error('so it is'))],
    [stopping(stopped, 'connection')],
  );

  await expect(all).rejects.toBe(first);
  expect(stopped).toEqual(['server', 'relay', 'connection']);
});

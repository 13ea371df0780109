import { afterEach, expect, test } from '@jest/globals';
import { startEmbeddedMongo } from '../../../embedded-mongodb/server.ts';

const { NODE_ENV } = process.env;
afterEach(() => {
  process.env['NODE_ENV'] = NODE_ENV;
  delete process.env['ALLOW_EMBEDDED_MONGODB'];
});

test('it does not start in production, and says what to do instead', async () => {
  process.env['NODE_ENV'] = 'production';

  await expect(startEmbeddedMongo()).rejects.toThrow(
    /set MONGODB_URI to a real one, or ALLOW_EMBEDDED_MONGODB=yes/,
  );
});

test('it starts in production where that is allowed, on loopback', async () => {
  process.env['NODE_ENV'] = 'production';
  process.env['ALLOW_EMBEDDED_MONGODB'] = 'yes';

  const server = await startEmbeddedMongo();

  expect(server.uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:/);
  await server.stop();
});

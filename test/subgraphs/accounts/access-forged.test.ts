import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { type Caller, callerHeader, callerKey, signCaller } from '../../../subgraphs/shared/caller.ts';
import { startTestAccounts, type TestAccounts } from '../../support/accounts.ts';
import { operator } from '../../support/callers.ts';

let accounts: TestAccounts;

beforeAll(async () => {
  accounts = await startTestAccounts();
});

afterAll(() => accounts.stop());

const viewer = '{ viewer { kind } }';

test('nothing is answered without a header that the coalition signed', async () => {
  const forgedKey = callerKey('another secret of at least 32 characters');
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
    JSON.stringify({ caller: operator, aud: 'jifen-subgraphs', exp: 4102444800 }),
  ).toString('base64url')}.`;
  const expired = await new SignJWT({ caller: operator })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('jifen-subgraphs')
    .setIssuedAt(Math.floor(Date.now() / 1000) - 120)
    .setExpirationTime(Math.floor(Date.now() / 1000) - 60)
    .sign(accounts.key);
  const elsewhere = await new SignJWT({ caller: operator })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('somebody-else')
    .setExpirationTime('60s')
    .sign(accounts.key);
  const malformed = await signCaller({ kind: 'EMPEROR' } as unknown as Caller, accounts.key);
  const good = await signCaller(operator, accounts.key);
  const [head, , signature] = good.split('.');
  const changed = `${head}.${Buffer.from(JSON.stringify({ caller: operator })).toString('base64url')}.${signature}`;
  const headers = [
    {},
    { [callerHeader]: '' },
    { [callerHeader]: 'nonsense' },
    { [callerHeader]: await signCaller(operator, forgedKey) },
    { [callerHeader]: unsigned },
    { [callerHeader]: expired },
    { [callerHeader]: elsewhere },
    { [callerHeader]: malformed },
    { [callerHeader]: changed },
    { authorization: `Bearer ${good}` },
  ];

  for (const header of headers as Record<string, string>[]) {
    const { status, data, errors } = await accounts.askWith(header, viewer);
    expect([status, data, errors.map(({ extensions }) => extensions.code)]).toEqual([
      401,
      undefined,
      ['UNAUTHENTICATED'],
    ]);
  }
  expect((await accounts.askWith({ [callerHeader]: good }, viewer)).data).toEqual({
    viewer: { kind: 'OPERATOR' },
  });
});

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkLedger } from '../../subgraphs/accounts/ledger/check.ts';
import { startAccounts } from '../../subgraphs/accounts/start.ts';
import {
  type Caller,
  type CallerKey,
  callerHeader,
  callerKey,
  signCaller,
} from '../../subgraphs/shared/caller.ts';
import { createLog } from '../../subgraphs/shared/log.ts';
import { connectMongo } from '../../subgraphs/shared/mongo.ts';
import { makeSigningKey } from '../../subgraphs/shared/signing/signing-key.ts';
import { postGraphql } from '../support/coalition.ts';
import { startDatabaseProcess } from '../support/database-process.ts';
import { plainMemberIds } from '../support/member-ids.ts';
import { until } from '../support/until.ts';

const operator: Caller = { kind: 'OPERATOR', subject: 'test' };
const service: Caller = { kind: 'SERVICE', service: 'test' };

async function mutate(
  url: string,
  key: CallerKey,
  caller: Caller,
  field: string,
  type: string,
  selection: string,
  input: object,
) {
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { __typename ${selection} } }`;
  const { data, errors } = await postGraphql<Record<string, Record<string, unknown>>>(
    url,
    { [callerHeader]: await signCaller(caller, key) },
    query,
    { input },
  );
  if (errors?.length) throw new Error(errors[0]!.message);
  return data[field]!;
}

async function openWorld(url: string, key: CallerKey) {
  const text = 'As the test says.';
  const disclosure = {
    earning: text,
    accrualBase: text,
    rounding: text,
    validity: text,
    redemption: text,
    honouringMerchants: text,
    exclusions: text,
    cashEquivalent: text,
    arrears: text,
    transfer: text,
    reminders: text,
  };
  const programme = {
    idempotencyKey: 'p',
    code: 'SHARED',
    name: 'Shared',
    unlock: { kind: 'IMMEDIATE' },
    validity: { kind: 'ROLLING', months: 12 },
    cashEquivalentPerThousand: { amountMinor: 1000, currency: 'CNY' },
    disclosure,
  };
  await mutate(url, key, operator, 'publishProgramme', 'PublishProgrammeInput', '', programme);
  const merchant = {
    idempotencyKey: 'm',
    name: 'Shop',
    category: 'shop',
    currency: 'CNY',
    issuePricePerThousand: 1,
    redemptionPricePerThousand: 1,
  };
  const opened = await mutate(
    url,
    key,
    operator,
    'openMerchant',
    'OpenMerchantInput',
    '... on MerchantOpened { merchant { id } }',
    merchant,
  );
  const merchantId = (opened['merchant'] as { id: string }).id;
  const caller: Caller = { kind: 'MERCHANT', merchantId, clientId: 'c', scopes: ['MEMBERS'] };
  const members = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const found = await mutate(
        url,
        key,
        caller,
        'registerMember',
        'RegisterMemberInput',
        '... on MemberRegistered { member { id } }',
        { reference: `r${i}` },
      );
      return (found['member'] as { id: string }).id;
    }),
  );
  return { merchantId, members };
}

test('every posting that was acknowledged before the database was killed is there afterwards, and none twice', async () => {
  const database = await startDatabaseProcess();
  const key = callerKey(randomUUID() + randomUUID());
  const log = createLog('test', 'silent');
  const accounts = await startAccounts({
    uri: database.uri,
    database: 'crash',
    key,
    memberIds: plainMemberIds,
    host: '127.0.0.1',
    port: 0,
    log,
    signingKey: makeSigningKey(),
  });
  const { merchantId, members } = await openWorld(accounts.url, key);
  const earn = (n: number) =>
    mutate(
      accounts.url,
      key,
      service,
      'postEarn',
      'PostEarnInput',
      '... on PointsPosted { replayed posting { id } }',
      {
        idempotencyKey: `earn-${n}`,
        memberId: members[n % 10]!,
        merchantId,
        programme: 'SHARED',
        points: 7,
        externalRef: `ref-${n}`,
      },
    );

  const acknowledged = new Map<number, string>();
  let next = 0;
  let sent = 0;
  for (let round = 0; round < 3; round++) {
    let running = true;
    const load = Array.from({ length: 16 }, async () => {
      while (running) {
        const n = next++;
        sent++;
        const posted = await earn(n).catch(() => null);
        if (posted?.['__typename'] === 'PointsPosted')
          acknowledged.set(n, (posted['posting'] as { id: string }).id);
      }
    });
    const enough = (round + 1) * 60;
    await until(() => acknowledged.size >= enough);
    await database.kill();
    running = false;
    await database.restart();
    await Promise.all(load);
  }

  expect(acknowledged.size).toBeGreaterThanOrEqual(180);
  for (const [n, id] of acknowledged)
    expect(await earn(n)).toMatchObject({ __typename: 'PointsPosted', replayed: true, posting: { id } });
  for (let n = 0; n < sent; n++)
    if (!acknowledged.has(n)) expect(await earn(n)).toMatchObject({ __typename: 'PointsPosted' });
  const connection = await connectMongo(database.uri, 'crash');
  const postings = await connection.collection('ledger-postings').countDocuments({ kind: 'EARN' });
  const { violations } = await checkLedger(connection);
  await connection.close();
  expect(postings).toBe(sent);
  expect(violations).toEqual([]);
  await accounts.stop();
  await database.kill();
  rmSync(database.folder, { recursive: true });
});

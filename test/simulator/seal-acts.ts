import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../tools/verify/verify-proof.ts';
import { auditor } from '../support/callers.ts';
import { type Act, type Play, pick } from './acting.ts';
import { expectSame } from './disagreement.ts';
import { dayAfter, enterSeals } from './seal-book.ts';

const operation = readFileSync(
  join(import.meta.dirname, '../../schema/operations/storefront/ledger-proof.graphql'),
  'utf8',
);

/** A sealer catches up so many days at a time, and waits so long after the end of a day. */
const mostDays = 60;
const hourMs = 3_600_000;

/** The last day that can be sealed. */
const lastDay = (now: number): string => dayAfter(new Date(now - hourMs).toISOString().slice(0, 10), -1);

async function prove(play: Play, postingId: string): Promise<void> {
  const data = await play.world.ask('accounts', auditor, operation, { postingId });
  const proof = data?.ledgerProof;
  expectSame('proof', proof?.__typename, 'LedgerProof');
  const { verdict, steps } = await verifyProof(proof, null, nodeCrypto);
  expectSame('verdict on a proof', verdict === 'GOOD' ? verdict : steps, 'GOOD');
  expectSame('posting of a proof', JSON.parse(proof.leaf).id, postingId);
  for (const { day, content } of [proof.seal, ...proof.chain])
    expectSame('seal in a proof', content, play.checked.sealBook.get(day)?.row.content);
}

/** Accounts seals what days are over; their chain is whole, and of some posting there is a proof that holds offline. */
export const seal: Act<'seal'> = async (play, { dies, which }) => {
  const { sealBook, journal, records } = play.checked;
  const known = [...sealBook.keys()].at(-1) ?? '';
  await play.world.seal(dies);
  enterSeals(sealBook, journal.recorded, await records.seals(known));
  const newest = [...sealBook.keys()].at(-1) ?? '';
  const last = lastDay(play.world.now);
  expectSame('days sealed before their time', newest > last ? newest : '', '');
  const first = known ? dayAfter(known) : journal.recorded.map(({ day }) => day).toSorted()[0];
  if (first && first <= last) {
    const most = dayAfter(first, mostDays - 1);
    expectSame('days left unsealed', newest < last && newest < most ? newest : '', '');
  }
  const sealed = journal.recorded.filter(({ day }) => day <= newest);
  const target = pick(sealed, which);
  if (target) await prove(play, target.id);
};

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeCrypto } from '../../tools/verify/node-crypto.ts';
import { verifyProof } from '../../tools/verify/verify-proof.ts';
import { auditor } from '../support/callers.ts';
import { type Act, type Play, pick } from './acting.ts';
import { expectSame } from './disagreement.ts';
import { dayAfter, enterSeals } from './seal-book.ts';

const operationNamed = (name: string): string =>
  readFileSync(join(import.meta.dirname, `../../schema/operations/storefront/${name}.graphql`), 'utf8');

const ledgerProof = operationNamed('ledger-proof');
const liabilityProof = operationNamed('liability-proof');

/** A sealer catches up so many days at a time, and waits so long after the end of a day. */
const mostDays = 60;
const hourMs = 3_600_000;

/** The last day that can be sealed. */
const lastDay = (now: number): string => dayAfter(new Date(now - hourMs).toISOString().slice(0, 10), -1);

async function prove(play: Play, postingId: string): Promise<void> {
  const data = await play.world.ask('accounts', auditor, ledgerProof, { postingId });
  const proof = data?.ledgerProof;
  expectSame('proof', proof?.__typename, 'LedgerProof');
  const { verdict, steps } = await verifyProof(proof, null, nodeCrypto);
  expectSame('verdict on a proof', verdict === 'GOOD' ? verdict : steps, 'GOOD');
  expectSame('posting of a proof', JSON.parse(proof.leaf).id, postingId);
  for (const { day, content } of [proof.seal, ...proof.chain])
    expectSame('seal in a proof', content, play.checked.sealBook.get(day)?.row.content);
}

/** What a member had at the end of some month, in pools too, is counted in that month's total, and the proof of it holds offline. */
async function proveBalance({ cast, closings, world }: Play, which: number): Promise<void> {
  const [month, had] = pick([...closings], which) ?? [];
  if (!month || !had) return;
  const { id, caller } = pick(cast.players, which)!;
  const data = await world.ask('accounts', caller, liabilityProof, { programme: 'SHARED', period: month });
  const proof = data?.liabilityProof;
  const [available, pending, held, arrears, ...pooled] = had.get(id)!;
  const inPools = pooled[0] + pooled[1];
  const points = available + pending + held + inPools;
  // A total waits until all that fell due is written, and who never had points is not counted.
  if (proof?.__typename === 'NotSealedYet') return;
  if (proof?.__typename === 'NotCounted') return expectSame('points not counted', [points, arrears], [0, 0]);
  expectSame('proof of a balance', proof?.__typename, 'LiabilityProof');
  const { verdict, steps } = await verifyProof(proof, null, nodeCrypto);
  expectSame('verdict on a balance', verdict === 'GOOD' ? verdict : steps, 'GOOD');
  const says = JSON.parse(proof.leaf);
  const counted = [says.points, says.pooled, says.arrears].map(Number);
  expectSame(`balance of ${id} counted for ${month}`, counted, [points, inPools, arrears]);
}

/**
 * Accounts seals what days are over; their chain is whole, and of some posting, and of some balance at the end of a month, there
 * is a proof that holds offline.
 */
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
  await proveBalance(play, which);
};

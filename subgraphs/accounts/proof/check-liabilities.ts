import { canonicalJson, sha256 } from '../../shared/idempotency.ts';
import { type PublicKey, verifySignature } from '../../shared/signing/signer.ts';
import { broken, type Violation } from '../ledger/violation.ts';
import type { SumChunk } from './build-liabilities.ts';
import { rootOfChunks } from './chunk.ts';
import { type Liabilities, liabilitiesContent } from './liability.ts';
import { rootOf, type SumNode, sumNode } from './merkle.ts';
import { unpackNodes } from './sum-nodes.ts';

/** What checking totals reads. */
export interface CheckLiabilitiesPorts {
  readonly all: () => Promise<readonly Liabilities[]>;
  readonly treeOf: (
    programme: string,
    period: string,
  ) => Promise<{ readonly chunks: readonly SumChunk[] } | null>;
  readonly leavesOf: (root: string) => Promise<Buffer | null>;
  readonly publicKeys: () => Promise<readonly PublicKey[]>;
  /** What the journal says members held in all at an instant. */
  readonly outstandingAt: (programme: string, at: Date) => Promise<bigint>;
}

/** Whether the leaves that are kept make the tree that was signed. */
async function isTreeWhole(total: Liabilities, ports: CheckLiabilitiesPorts): Promise<boolean> {
  const { chunks } = (await ports.treeOf(total.programme, total.period)) ?? { chunks: [] };
  const nodes: SumNode[] = [];
  let leaves = 0;
  for (const { root } of chunks) {
    const bytes = await ports.leavesOf(root);
    if (!bytes || bytes.length === 0) return false;
    const kept = unpackNodes(bytes);
    nodes.push(rootOf(kept, sumNode));
    leaves += kept.length;
  }
  if (nodes.length === 0) return false;
  const { hash, points } = rootOfChunks(nodes, sumNode);
  return hash.toString('hex') === total.root && points === total.points && leaves === total.leaves;
}

/** Verifies that every total is what the journal says was outstanding then, is signed, and is the sum of its leaves. */
export async function checkLiabilities(ports: CheckLiabilitiesPorts): Promise<Violation[]> {
  const violations: Violation[] = [];
  const keys = await ports.publicKeys();
  for (const total of await ports.all()) {
    const content = liabilitiesContent(total);
    const signed =
      total.content === canonicalJson(content) &&
      total.hash === sha256(total.content) &&
      verifySignature(keys, content, total.signature);
    const outstanding = await ports.outstandingAt(total.programme, total.at);
    const whole = await isTreeWhole(total, ports);
    violations.push(
      ...broken(`${total.programme}:${total.period}`, [
        [
          'LIABILITIES_EQUAL_JOURNAL',
          outstanding === total.outstanding && total.outstanding === total.points - total.arrears,
          () => `the journal has ${outstanding} outstanding, the total says ${total.outstanding}`,
        ],
        ['LIABILITIES_ARE_SIGNED', signed, () => 'its text, hash and signature do not belong together'],
        ['LIABILITIES_HAVE_LEAVES', whole, () => 'the leaves that proofs are made of do not add up to it'],
      ]),
    );
  }
  return violations;
}

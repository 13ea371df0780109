import { caseContracts } from './cases.ts';
import { expiryContracts } from './expiry.ts';
import { giftContracts } from './gifts.ts';
import { householdContracts } from './households.ts';
import { privacyContracts } from './privacy.ts';
import { proofContracts } from './proofs.ts';
import { recordContracts } from './records.ts';
import { shoppingContracts } from './shopping.ts';
import { termsContracts } from './terms.ts';
import { webhookContracts } from './webhooks.ts';
import type { Contract } from './world.ts';

/** Every operation that consumers send. In this order: each leaves the world as the next expects it. */
export const contracts: readonly Contract[] = [
  ...shoppingContracts,
  ...recordContracts,
  ...giftContracts,
  ...webhookContracts,
  ...termsContracts,
  ...proofContracts,
  ...privacyContracts,
  ...caseContracts,
  ...householdContracts,
  ...expiryContracts,
];

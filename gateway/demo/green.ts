import { type DemoMerchantKey, demoGreenPrices, demoGreenProgramme, demoGreenSponsors } from './coalition.ts';
import type { Send } from './demo-client.ts';
import { demoOperations as operations } from './operations.ts';

/** A price counts from the server's own now on, so it is asked for a moment ahead of it. */
const soonMs = 5_000;

/**
 * Publishes the green programme and prices it at every merchant: in a few seconds its sponsors issue it. Prices are
 * looked up first, for a second run would ask for another instant.
 */
export async function openGreen(
  send: Send,
  operator: string,
  merchants: Readonly<Record<DemoMerchantKey, { readonly id: string }>>,
): Promise<void> {
  const eligibleIssuerIds = demoGreenSponsors.map((key) => merchants[key].id);
  await send(operator, operations.publishProgramme, {
    input: { ...demoGreenProgramme, eligibleIssuerIds, idempotencyKey: 'demo:programme:green' },
  });
  for (const [key, { id }] of Object.entries(merchants)) {
    const { prices } = await send<{ prices: readonly object[] }>(operator, operations.prices, { id });
    if (prices.length > 0) continue;
    const effectiveFrom = new Date(Date.now() + soonMs).toISOString();
    const { issuePricePerThousand, redemptionPricePerThousand } = demoGreenPrices;
    await send(operator, operations.setPrices, {
      input: {
        idempotencyKey: `demo:price:green:${key}`,
        merchantId: id,
        programme: demoGreenProgramme.code,
        issuePricePerThousand,
        redemptionPricePerThousand,
        effectiveFrom,
      },
    });
  }
}

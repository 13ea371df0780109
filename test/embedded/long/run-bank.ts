import { type Bank, Broken, count, newCustomer, openBank, pass, turn } from './bank.ts';
import { audit, checkDurable, checkEnd } from './bank-checks.ts';
import { note, seat, touch, transfer } from './bank-customers.ts';
import { randomly } from './randomly.ts';

const CUSTOMERS = [
  transfer,
  transfer,
  transfer,
  transfer,
  transfer,
  touch,
  touch,
  touch,
  audit,
  audit,
  note,
  seat,
  seat,
] as const;

/** Lets customers work against one another until a number of commands was sent. Fails with the first thing that is wrong. */
export async function runBank(seed: number, commands: number): Promise<Record<string, number>> {
  const bank = await openBank(randomly(seed));
  const work = CUSTOMERS.map(async (act) => {
    const customer = newCustomer(bank);
    while (!bank.over) {
      await act(bank, customer);
      if ((bank.figures['commands'] ?? 0) >= commands) bank.over = true;
    }
  });
  const watching = watch(bank);
  try {
    await Promise.all([...work, watching]);
  } catch (error) {
    bank.over = true;
    throw error instanceof Error
      ? new Error(`seed ${seed}, after ${bank.figures['commands']} commands: ${error.message}`, {
          cause: error,
        })
      : error;
  }
  try {
    await checkEnd(bank);
  } catch (error) {
    throw new Error(`seed ${seed}, at the end: ${(error as Error).message}`, { cause: error });
  }
  return bank.figures;
}

const STUCK_MS = 20_000;

/** Lets the power fail now and then, and time pass; and notices when nobody gets on. */
async function watch(bank: Bank): Promise<void> {
  let last = -1;
  let since = Date.now();
  while (!bank.over) {
    await turn();
    if (bank.random() < 0.02) checkDurable(bank);
    const now = bank.figures['commands'] ?? 0;
    if (now !== last) [last, since] = [now, Date.now()];
    else if (Date.now() - since > 1_000) {
      count(bank, 'waited out');
      pass(bank, 61_000);
    }
    if (Date.now() - since > STUCK_MS) throw new Broken('nobody gets on');
  }
}

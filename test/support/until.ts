/** Far beyond what the slowest machine needs, so that only what never happens fails. */
const limitMs = 100_000;

/** Waits until something holds, asking again and again. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`this did not come true: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

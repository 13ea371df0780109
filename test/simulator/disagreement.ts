/** The real thing differs from what it should be. */
export class Disagreement extends Error {
  override name = 'Disagreement';
}

/** Throws a Disagreement unless what is is what should be, as JSON. */
export function expectSame(what: string, is: unknown, shouldBe: unknown): void {
  const [told, wanted] = [JSON.stringify(is), JSON.stringify(shouldBe)];
  if (told !== wanted) throw new Disagreement(`${what}: is ${told}, should be ${wanted}`);
}

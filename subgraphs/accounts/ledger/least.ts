/** The smaller of two numbers of points; Math.min does not take bigints. */
export function least(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

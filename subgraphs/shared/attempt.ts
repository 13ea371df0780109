/** An attempt to have another subgraph do something, kept with the record it is for until its end is known. */
export interface Attempt {
  readonly id: string;
  readonly at: Date;
}

/**
 * How long a request to another subgraph can linger after it was sent, in milliseconds: the signed caller on it is valid
 * for 60 seconds with 5 of tolerance, and 5 more are left for deciding and committing.
 */
export const lingerMs = 70_000;

/** Attempts that were begun before this can not arrive any more. */
export const lingersSince = (now: Date): Date => new Date(now.getTime() - lingerMs);

/** Whether an attempt other than `own` can still arrive. While one can, a refusal that `own` was given proves nothing. */
export const mayArrive = (attempts: readonly Attempt[], own: string, now: Date): boolean =>
  attempts.some(({ id, at }) => id !== own && at > lingersSince(now));

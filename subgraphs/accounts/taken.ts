/** A store could not write because something that must be unique is there already. Nothing was written. */
export class Taken extends Error {
  override name = 'Taken';
  /** Name of the unique index that stood in the way. */
  readonly index: string;

  constructor(index: string) {
    super(`taken: ${index}`);
    this.index = index;
  }
}

/** True if the error says that the named unique index stood in the way. */
export const isTaken = (error: unknown, index: string): boolean =>
  error instanceof Taken && error.index === index;

/** Rules of the name of an event that unlocks points, e.g. `delivered`: short, and the same for programs and people. */
export const isEventName = (name: string): boolean => /^[a-z][a-z0-9_.-]{0,39}$/.test(name);

/** The same rule in words. */
export const eventNameRule = '1 to 40 of a to z, 0 to 9 and _.- beginning with a letter';

/**
 * Lets pieces of work that share a name take turns within this process. Transactions on one hot document conflict when they
 * overlap and are run again; taking turns spares the conflicts among a process's own. Between processes the database decides.
 */
export function createTurns(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    const forget = () => {
      if (last.get(name) === mine) last.delete(name);
    };
    mine.then(forget, forget);
    return mine;
  };
}

import { cloneTrees, type Trees } from '../storage/collection.ts';
import { releaseSnapshot, type Snapshot, type Store, takeSnapshot, treesAt } from '../storage/store.ts';
import { type Transaction, treesIn } from './transaction.ts';

/** Content that stays as it is however long the reading takes. */
export interface ReadView {
  trees(ns: string): Trees | undefined;
  /** Ends the reading; may be called again. */
  release(): void;
}

/** What a statement reads: the transaction with its own writes so far, else the store as it is now. */
export function readView(store: Store, transaction: Transaction | undefined): ReadView {
  return transaction ? transactionView(transaction) : snapshotView(store, takeSnapshot(store));
}

/** What a snapshot holds; the snapshot is let go of with the view. */
export function snapshotView(store: Store, snapshot: Snapshot): ReadView {
  return {
    trees: (ns) => {
      const collection = snapshot.catalog.get(ns);
      return collection && treesAt(snapshot, collection);
    },
    release: () => releaseSnapshot(store, snapshot),
  };
}

/** The transaction may write on while a cursor of its is open, so what it wrote already is copied. */
function transactionView(transaction: Transaction): ReadView {
  return {
    trees: (ns) => {
      const collection = transaction.created.get(ns) ?? transaction.snapshot.catalog.get(ns);
      if (collection === undefined) return undefined;
      const trees = treesIn(transaction, collection);
      return transaction.own.has(collection) ? cloneTrees(trees) : trees;
    },
    release: () => {},
  };
}

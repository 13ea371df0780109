import type { Document } from 'bson';
import type { Collation } from '../bson/compare.ts';

/** What a command says beside its filter, sort, projection or update. */
export interface QueryOptions {
  readonly collation?: Collation | undefined;
  /** The time that `$$NOW` stands for. */
  readonly now?: Date | undefined;
  /** The command's `let`: constants that expressions read as `$$name`. */
  readonly let?: Document | undefined;
}

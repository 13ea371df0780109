import { type Household, withDeclined } from './household.ts';

/** What declining needs. All run in the caller's transaction. */
export interface DeclineAllPorts {
  /** Households with an invitation to a member that is open at an instant. */
  readonly householdsAwaiting: (memberId: string, at: Date) => Promise<readonly Household[]>;
  /** False, with nothing written, if another request came first. */
  readonly replaceHousehold: (household: Household) => Promise<boolean>;
}

/** Declines every open invitation to a member that is no more: nobody could, and each would keep a place for 14 days. */
export async function declineAll(memberId: string, at: Date, ports: DeclineAllPorts): Promise<void> {
  for (const household of await ports.householdsAwaiting(memberId, at))
    if (!(await ports.replaceHousehold(withDeclined(household, memberId, at))))
      throw new Error(`household ${household.id} was changed meanwhile`);
}

import { isTaken } from '../taken.ts';
import { currentMembers, type Household } from './household.ts';
import type { HouseholdRequest } from './household-request-store.ts';

/** A change of a household to write. */
export interface HouseholdChange extends HouseholdRequest {
  /** Null for a new one. */
  readonly before: Household | null;
  readonly after: Household;
}

/** What writing a change needs. */
export interface CommitHouseholdPorts {
  readonly insertHousehold: (household: Household) => Promise<void>;
  /** False, with nothing written, if another request came first. */
  readonly replaceHousehold: (household: Household) => Promise<boolean>;
  readonly addSeat: (memberId: string, householdId: string) => Promise<void>;
  /**
   * Writes the member, so that of joining and being erased at once one sees the other; false if it is being erased or
   * was.
   */
  readonly touchMember: (memberId: string) => Promise<boolean>;
  readonly removeSeats: (memberIds: readonly string[], householdId: string) => Promise<void>;
  readonly addRequest: (request: HouseholdRequest) => Promise<void>;
  readonly inTransaction: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Thrown to leave the transaction where another request came first. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

async function write(change: HouseholdChange, ports: CommitHouseholdPorts): Promise<void> {
  const { request, householdId, subjectId, before, after } = change;
  if (!before) await ports.insertHousehold(after);
  else if (!(await ports.replaceHousehold(after))) throw new Overtaken();
  const was = before ? currentMembers(before).map(({ memberId }) => memberId) : [];
  const is = currentMembers(after).map(({ memberId }) => memberId);
  const left = was.filter((id) => !is.includes(id));
  if (left.length > 0) await ports.removeSeats(left, householdId);
  for (const memberId of is) {
    if (was.includes(memberId)) continue;
    if (!(await ports.touchMember(memberId))) throw new Error(`${memberId} is being erased`);
    await ports.addSeat(memberId, householdId);
  }
  await ports.addRequest({ request, householdId, subjectId });
}

/**
 * Writes a household with the seats of its members and the request in one transaction. False, with
 * nothing written, where another request came first: one for the same household, for the same member elsewhere, or this
 * very one sent twice.
 */
export async function commitHousehold(
  change: HouseholdChange,
  ports: CommitHouseholdPorts,
): Promise<boolean> {
  try {
    await ports.inTransaction(() => write(change, ports));
    return true;
  } catch (error) {
    if (error instanceof Overtaken || isTaken(error, '_id_') || isTaken(error, 'household_requests'))
      return false;
    throw error;
  }
}

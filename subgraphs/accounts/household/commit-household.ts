import { isTaken } from '../taken.ts';
import { currentMembers, type Household } from './household.ts';
import type { HouseholdRequest } from './household-request-store.ts';

/** A change of a household to write. */
export interface HouseholdChange extends HouseholdRequest {
  /** Whose request it is. */
  readonly memberId: string;
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
   * Writes the member, so that of a change and being erased at once one sees the other; false if it is being erased or
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

/** Thrown to leave the transaction where whoever asked is being erased or was. */
class Gone extends Error {
  override name = 'Gone';
}

/** What came of writing a change; nothing is written unless it is COMMITTED. */
export type Committed = 'COMMITTED' | 'OVERTAKEN' | 'GONE';

async function write(change: HouseholdChange, ports: CommitHouseholdPorts): Promise<void> {
  const { request, householdId, subjectId, memberId, before, after } = change;
  const was = before ? currentMembers(before).map((member) => member.memberId) : [];
  const is = currentMembers(after).map((member) => member.memberId);
  // Who has a seat is not erased; whoever comes without one may be.
  if (!was.includes(memberId) && !(await ports.touchMember(memberId))) throw new Gone();
  if (!before) await ports.insertHousehold(after);
  else if (!(await ports.replaceHousehold(after))) throw new Overtaken();
  const left = was.filter((id) => !is.includes(id));
  if (left.length > 0) await ports.removeSeats(left, householdId);
  for (const id of is) if (!was.includes(id)) await ports.addSeat(id, householdId);
  await ports.addRequest({ request, householdId, subjectId });
}

/**
 * Writes a household with the seats of its members and the request in one transaction. OVERTAKEN where another request came
 * first: one for the same household, for the same member elsewhere, or this very one sent twice. GONE where whoever asked
 * is being erased or was.
 */
export async function commitHousehold(
  change: HouseholdChange,
  ports: CommitHouseholdPorts,
): Promise<Committed> {
  try {
    await ports.inTransaction(() => write(change, ports));
    return 'COMMITTED';
  } catch (error) {
    if (error instanceof Gone) return 'GONE';
    if (error instanceof Overtaken || isTaken(error, '_id_') || isTaken(error, 'household_requests'))
      return 'OVERTAKEN';
    throw error;
  }
}

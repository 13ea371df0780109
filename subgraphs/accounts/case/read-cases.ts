import type { Page } from '../../shared/connection.ts';
import type { Clock } from '../../shared/ids.ts';
import { type Case, type CaseAct, type CaseStatus, caseAt, isOpenAt } from './case.ts';

/** Which cases to list. */
export interface CasesAsked {
  readonly memberId?: string | null;
  /** The merchant that opened them. */
  readonly merchantId?: string | null;
  readonly status?: CaseStatus | null;
}

/** What reading cases needs. */
export interface CaseReadPorts {
  readonly casesByIds: (ids: readonly string[]) => Promise<readonly Case[]>;
  readonly casePage: (
    query: CasesAsked,
    now: Date,
    limit: number,
    after: string | null,
  ) => Promise<readonly Case[]>;
  readonly stepCounts: (from: Date, to: Date) => Promise<ReadonlyMap<CaseAct, number>>;
  readonly lapsing: (from: Date, to: Date) => Promise<number>;
  readonly clock: Clock;
}

/** How often each thing was done in cases in a span of time. */
export type CaseCounts = Readonly<Record<Lowercase<CaseAct>, number>>;

/** Reads of cases; all tell how things are at the clock's now, whether or not the sweeper has been there. */
export interface CaseReads {
  case(id: string): Promise<Case | null>;
  /** Newest first; one more than asked for if there are more. A place is the case's id. */
  cases(asked: CasesAsked, page: Page): Promise<readonly Case[]>;
  /** Whether a case of a member still waits for a review, a decision, or the decision of an appeal. */
  hasOpenCase(memberId: string): Promise<boolean>;
  /** From one instant to before another. */
  caseCounts(from: Date, to: Date): Promise<CaseCounts>;
}

const openStatuses = ['OPEN', 'FROZEN', 'APPEALED'] as const;

async function hasOpenCase(memberId: string, ports: CaseReadPorts): Promise<boolean> {
  const now = ports.clock.now();
  for (const status of openStatuses) {
    const found = await ports.casePage({ memberId, status }, now, 1, null);
    if (found.some((one) => isOpenAt(one, now))) return true;
  }
  return false;
}

async function countCases(from: Date, to: Date, ports: CaseReadPorts): Promise<CaseCounts> {
  const now = ports.clock.now();
  const counts = await ports.stepCounts(from, to);
  // What ends at this very instant has ended.
  const passed = new Date(now.getTime() + 1);
  const unwritten = await ports.lapsing(from, to < passed ? to : passed);
  const of = (act: CaseAct): number => counts.get(act) ?? 0;
  return {
    opened: of('OPENED'),
    frozen: of('FROZEN'),
    confirmed: of('CONFIRMED'),
    dismissed: of('DISMISSED'),
    lapsed: of('LAPSED') + unwritten,
    upheld: of('UPHELD'),
    appealed: of('APPEALED'),
    appeal_rejected: of('APPEAL_REJECTED'),
    overturned: of('OVERTURNED'),
  };
}

/** Makes the reads of cases. */
export const createCaseReads = (ports: CaseReadPorts): CaseReads => ({
  case: async (id) => {
    const [found] = await ports.casesByIds([id]);
    return found ? caseAt(found, ports.clock.now()) : null;
  },
  cases: async (asked, { first, after }) => {
    const now = ports.clock.now();
    const found = await ports.casePage(asked, now, first + 1, after?.[0] ?? null);
    return found.map((one) => caseAt(one, now));
  },
  hasOpenCase: (memberId) => hasOpenCase(memberId, ports),
  caseCounts: (from, to) => countCases(from, to, ports),
});

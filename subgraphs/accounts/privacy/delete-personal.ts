import type { DomainEvent } from '../../shared/events/event.ts';
import type { NewId } from '../../shared/ids.ts';
import { type BeneficiaryList, tellsOf, withoutMember } from '../beneficiary/beneficiary.ts';
import type { Member } from '../membership/member.ts';
import { erasureEvent } from './erasure-event.ts';

/** What about a member others write too, who may have read it just before it was gone. All run in the caller's transaction. */
export interface DeleteLeftoversPorts {
  /** Lists of others that name the member. */
  readonly listsNaming: (memberId: string) => Promise<readonly BeneficiaryList[]>;
  /** False if another request came first. */
  readonly replaceBeneficiaries: (list: BeneficiaryList) => Promise<boolean>;
  /** Declines every invitation to a household that the member could still accept. */
  readonly declineInvitations: (memberId: string, at: Date) => Promise<void>;
  readonly forgetStatementLines: (memberId: string) => Promise<void>;
  readonly forgetExportReasons: (memberId: string) => Promise<void>;
  /** Takes the name off every dissolved household that the member belonged to. */
  readonly forgetHouseholdNames: (memberId: string) => Promise<void>;
}

/** Everything that is personal about a member, and who is told that it is gone. All run in the caller's transaction. */
export interface DeletePersonalPorts extends DeleteLeftoversPorts {
  readonly memberById: (id: string) => Promise<Member | null>;
  readonly removeMember: (id: string) => Promise<void>;
  readonly removeProfile: (id: string) => Promise<void>;
  readonly removeBeneficiaries: (ownerId: string) => Promise<void>;
  readonly forgetLegalHoldReasons: (memberId: string) => Promise<void>;
  readonly addEvents: (events: readonly DomainEvent[]) => Promise<void>;
  /** Has the merchants that knew the member told under their own references. */
  readonly tellMerchants: (event: DomainEvent, member: Member) => Promise<void>;
  readonly newId: NewId;
}

/** Deletes what others write about a member that is gone; where that was done before, what was written since. */
export async function deleteLeftovers(
  memberId: string,
  at: Date,
  ports: DeleteLeftoversPorts,
): Promise<void> {
  for (const list of await ports.listsNaming(memberId))
    if (tellsOf(list, memberId) && !(await ports.replaceBeneficiaries(withoutMember(list, memberId, at))))
      throw new Error(`the beneficiaries of ${list.ownerId} were changed meanwhile`);
  await ports.declineInvitations(memberId, at);
  await ports.forgetStatementLines(memberId);
  await ports.forgetExportReasons(memberId);
  await ports.forgetHouseholdNames(memberId);
}

/** Deletes all that is personal about a member; nothing if that was done before. */
export async function deletePersonal(memberId: string, at: Date, ports: DeletePersonalPorts): Promise<void> {
  const member = await ports.memberById(memberId);
  if (!member) return;
  const event = erasureEvent(ports.newId('evt'), member, at);
  await ports.addEvents([event]);
  await ports.tellMerchants(event, member);
  await ports.removeProfile(memberId);
  await ports.removeBeneficiaries(memberId);
  await deleteLeftovers(memberId, at, ports);
  await ports.forgetLegalHoldReasons(memberId);
  await ports.removeMember(memberId);
}

import { type DomainEvent, toCloudEvent } from '../../shared/events/event.ts';
import { sha256 } from '../../shared/idempotency.ts';
import { idAt } from '../../shared/ids.ts';
import type { Webhook } from './webhook.ts';

/** The member that an event is about, by id; null if it is about none. */
export const memberOf = ({ data }: DomainEvent): string | null =>
  typeof data['memberId'] === 'string' ? data['memberId'] : null;

/** The reminder that an event tells of, by id; null if it tells of none. */
export const reminderOf = ({ data }: DomainEvent): string | null =>
  typeof data['reminderId'] === 'string' ? data['reminderId'] : null;

/** A webhook, as far as what it is sent depends on it. */
export type Addressee = Pick<Webhook, 'id' | 'merchantId'>;

/** The id under which a merchant is told of an event: of one about a member a merchant's own, for others may be told of it too. */
export const toldId = (event: DomainEvent, merchantId: string): string =>
  memberOf(event) === null ? event.id : idAt(merchantId, event.id);

/**
 * What one webhook is sent of an event: CloudEvents JSON that tells a merchant of a member under its own reference only
 * (null where it has none). The partition is named by a hash that no other webhook shares and the sequence is left out,
 * for the one would tell two merchants that they have a member in common and the other how busy the member is elsewhere.
 * Of a pool each member's events have a name of their own, for one name would tell who is of one household.
 */
export function partnerBody(event: DomainEvent, to: Addressee, reference: string | null): string {
  const { sequence: _, subject, data, ...envelope } = toCloudEvent(event);
  const { memberId, reminderId, ...rest } = data;
  const aboutMember = memberId !== undefined && subject === memberId;
  const ownSubject = subject !== undefined && subject === reminderId ? idAt(to.merchantId, subject) : subject;
  return JSON.stringify({
    ...envelope,
    id: toldId(event, to.merchantId),
    ...(aboutMember ? (reference === null ? {} : { subject: reference }) : { subject: ownSubject }),
    partitionkey: sha256(`${to.id}\n${event.partition}\n${memberOf(event) ?? ''}`).slice(0, 32),
    data: {
      ...(typeof reminderId === 'string' ? { reminderId: idAt(to.merchantId, reminderId) } : {}),
      ...rest,
      ...(memberId === undefined ? {} : { memberReference: reference }),
    },
  });
}

/** What was or will be sent, without the member that it tells of: as if the merchant had never known it. */
export function withoutReference(body: string): string {
  const { subject, data, ...envelope } = JSON.parse(body) as {
    subject?: string;
    data: { memberReference?: string | null };
  };
  const { memberReference, ...rest } = data;
  const aboutMember = subject !== undefined && subject === memberReference;
  return JSON.stringify({
    ...envelope,
    ...(aboutMember || subject === undefined ? {} : { subject }),
    data: { ...rest, memberReference: null },
  });
}

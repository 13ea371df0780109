import { type DomainEvent, toCloudEvent } from '../../shared/events/event.ts';
import { sha256 } from '../../shared/idempotency.ts';

/** The member that an event is about, by id; null if it is about none. */
export const memberOf = ({ data }: DomainEvent): string | null =>
  typeof data['memberId'] === 'string' ? data['memberId'] : null;

/**
 * What one webhook is sent of an event: CloudEvents JSON that tells a merchant of a member under its own reference only
 * (null where it has none). The partition is named by a hash that no other webhook shares and the sequence is left out,
 * for the one would tell two merchants that they have a member in common and the other how busy the member is elsewhere.
 */
export function partnerBody(event: DomainEvent, webhookId: string, reference: string | null): string {
  const { sequence: _, subject, data, ...envelope } = toCloudEvent(event);
  const { memberId, ...rest } = data;
  const aboutMember = memberId !== undefined && subject === memberId;
  return JSON.stringify({
    ...envelope,
    ...(aboutMember ? (reference === null ? {} : { subject: reference }) : { subject }),
    partitionkey: sha256(`${webhookId}\n${event.partition}`).slice(0, 32),
    data: memberId === undefined ? rest : { ...rest, memberReference: reference },
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

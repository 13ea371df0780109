import type { CallerKey } from '../shared/caller.ts';
import type { Clock, NewId } from '../shared/ids.ts';
import type { Log } from '../shared/log.ts';
import type { MemberIds } from '../shared/member-ids.ts';
import type { SigningKey } from '../shared/signing/signing-key.ts';
import type { LookupHost } from './webhook/endpoint-client.ts';

/** What accounts is started with. */
export interface AccountsOptions {
  readonly uri: string;
  /** Its own database; no other subgraph's. */
  readonly database: string;
  readonly key: CallerKey;
  /** How merchants know members. */
  readonly memberIds: MemberIds;
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** Signs seals and statements. */
  readonly signingKey: SigningKey;
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** How often due unlocks, expiries and timeouts are posted, events handed on and webhooks sent to. */
  readonly sweepEveryMs?: number;
  /** How often it is looked whether a day can be sealed. */
  readonly sealEveryMs?: number;
  readonly webhooks?: WebhookOptions;
  /** False where it is known that all collections and their indexes are there, as after an earlier start of the same release. */
  readonly buildsIndexes?: boolean;
  /** The GraphQL endpoint of another subgraph that is told of events; null while that is not known yet. */
  readonly subscriberUrl?: (subgraph: string) => string | null;
}

/** How webhooks are reached: as on the public internet unless told. */
export interface WebhookOptions {
  readonly allowLoopback?: boolean;
  readonly lookup?: LookupHost;
  /** 0 to below 1: decides how long is waited between attempts. */
  readonly random?: () => number;
}

import { type Document, deserialize, serialize } from 'bson';
import mongoose, { type mongo } from 'mongoose';

/** One event that a client published. */
export interface ObservedEvent {
  /** Its name in test files, such as `commandStartedEvent`. */
  readonly type: string;
  readonly event: Document;
}

/** A client of a test, and what it was seen doing. */
export interface ObservedClient {
  readonly client: mongo.MongoClient;
  /** The events that the test asked to see. */
  readonly events: ObservedEvent[];
  /** The `lsid` of each command sent, newest last. */
  readonly sentLsids: Document[];
  /** From here on nothing is recorded. */
  stopObserving(): void;
}

const COMMAND_EVENTS: Readonly<Record<string, string>> = {
  commandStarted: 'commandStartedEvent',
  commandSucceeded: 'commandSucceededEvent',
  commandFailed: 'commandFailedEvent',
};
const POOL_EVENTS: Readonly<Record<string, string>> = {
  connectionPoolCreated: 'poolCreatedEvent',
  connectionPoolReady: 'poolReadyEvent',
  connectionPoolCleared: 'poolClearedEvent',
  connectionPoolClosed: 'poolClosedEvent',
  connectionCreated: 'connectionCreatedEvent',
  connectionReady: 'connectionReadyEvent',
  connectionClosed: 'connectionClosedEvent',
  connectionCheckOutStarted: 'connectionCheckOutStartedEvent',
  connectionCheckOutFailed: 'connectionCheckOutFailedEvent',
  connectionCheckedOut: 'connectionCheckedOutEvent',
  connectionCheckedIn: 'connectionCheckedInEvent',
};

/** Whether an event is about a command, not about a connection. */
export function isCommandEvent({ type }: ObservedEvent): boolean {
  return type.startsWith('command');
}

/** Connects a client as a test describes it. */
export async function connectObserved(uri: string, description: Document): Promise<ObservedClient> {
  const wanted = new Set((description['observeEvents'] ?? []) as string[]);
  // Arming a fail point is the runner's business, whatever client it goes through.
  const ignored = new Set(['configureFailPoint', ...(description['ignoreCommandMonitoringEvents'] ?? [])]);
  const events: ObservedEvent[] = [];
  const sentLsids: Document[] = [];
  const client = new mongoose.mongo.MongoClient(withOptions(uri, description['uriOptions'] ?? {}), {
    monitorCommands: true,
    ...(description['serverApi'] && { serverApi: description['serverApi'] }),
  });
  let observing = true;
  for (const [name, type] of Object.entries({ ...COMMAND_EVENTS, ...POOL_EVENTS })) {
    client.on(name as 'commandStarted', (event) => {
      if (!observing || ignored.has(event.commandName)) return;
      if (event.command?.['lsid']) sentLsids.push(event.command['lsid']);
      if (wanted.has(type)) events.push({ type, event: asSent(event) });
    });
  }
  await client.connect();
  return {
    client,
    events,
    sentLsids,
    stopObserving: () => {
      observing = false;
    },
  };
}

/** The event with its command as it went over the wire: the driver goes on to change the parts of what it sent. */
function asSent(event: Document): Document {
  if (event['command'] === undefined) return event;
  const { commandName, databaseName, serverConnectionId, serviceId, command } = event;
  return {
    commandName,
    databaseName,
    serverConnectionId,
    serviceId,
    command: deserialize(serialize(command)),
  };
}

function withOptions(uri: string, options: Document): string {
  const url = new URL(uri);
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, String(value));
  return url.toString();
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a crashing catalogue works with. */
export interface CrashSettings {
  readonly uri: string;
  readonly database: string;
  /** The coalition's internal secret. */
  readonly secret: string;
  /** GraphQL endpoint of accounts, real or fake. */
  readonly accountsUrl: string;
}

/** At which point a server's work stops. */
export interface CrashPlan {
  /** Number of the point, from 1; 0 for never. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** What the child process is told. */
export type ToCrashing =
  | { readonly kind: 'serve'; readonly server: number; readonly plan: CrashPlan }
  | { readonly kind: 'die' };

/** What the child process tells. */
export type FromCrashing =
  | { readonly kind: 'ready' }
  | { readonly kind: 'serving'; readonly server: number; readonly url: string }
  | { readonly kind: 'reached'; readonly server: number; readonly name: string }
  | { readonly kind: 'stopped'; readonly server: number };

/** One server of the process. */
export interface CrashingServer {
  readonly url: string;
  /** Names of the points that its work has reached, e.g. `accounts.holdPoints`. */
  readonly reached: readonly string[];
  /** Resolves when its work has stopped at the planned point. */
  readonly stopped: Promise<void>;
}

/** A rewards-catalogue in a process of its own. */
export interface CrashingCatalogue {
  serve(plan: CrashPlan): Promise<CrashingServer>;
  /** Lets the process kill itself (SIGKILL); gives the signal that ended it. */
  die(): Promise<string | null>;
}

function hear(child: ChildProcess, done: (message: FromCrashing) => boolean): Promise<FromCrashing> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromCrashing) => {
      if (!done(message)) return;
      child.off('message', onMessage).off('exit', onExit);
      resolve(message);
    };
    const onExit = () => reject(new Error('the crashing catalogue ended too soon'));
    child.on('message', onMessage).once('exit', onExit);
  });
}

async function serve(child: ChildProcess, server: number, plan: CrashPlan): Promise<CrashingServer> {
  const reached: string[] = [];
  child.on('message', (message: FromCrashing) => {
    if (message.kind === 'reached' && message.server === server) reached.push(message.name);
  });
  const stops = hear(child, (message) => message.kind === 'stopped' && message.server === server);
  const stopped = stops.then(() => {});
  // Nobody may be waiting for it when the process ends.
  stopped.catch(() => {});
  const serving = hear(child, (message) => message.kind === 'serving' && message.server === server);
  child.send({ kind: 'serve', server, plan } satisfies ToCrashing);
  const { url } = (await serving) as { url: string };
  return { url, reached, stopped };
}

/** Starts it. */
export async function startCrashingCatalogue(settings: CrashSettings): Promise<CrashingCatalogue> {
  const child = fork(join(import.meta.dirname, 'crashing-catalogue.ts'), {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, CRASH_SETTINGS: JSON.stringify(settings) },
  });
  child.setMaxListeners(0);
  const ended = once(child, 'exit').then(([, signal]) => signal as string | null);
  await hear(child, ({ kind }) => kind === 'ready');
  let servers = 0;
  return {
    serve: (plan) => serve(child, ++servers, plan),
    die: () => {
      child.send({ kind: 'die' } satisfies ToCrashing);
      return ended;
    },
  };
}

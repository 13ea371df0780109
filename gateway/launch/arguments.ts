import { parseArgs } from 'node:util';
import { z } from 'zod';
import { portSetting, StartError } from '../../subgraphs/shared/config.ts';

/** What `npm start -- --help` says. */
export const usage = `npm start -- [--port N] [--memory] [--reset] [--demo]

Starts the whole coalition: a database, four subgraphs and the gateway, on this machine only.

  --port N    the gateway's port; 4000 if left out, 0 for any free one
  --memory    keeps nothing: the embedded database lives in memory
  --reset     empties the embedded database of ./data first
  --demo      puts the demo coalition into an empty MONGODB_URI too
  --help      says this

MONGODB_URI   uses that MongoDB (a replica set) instead of the embedded database
DATA_FOLDER   where data and keys are kept; ./data if left out
LOG_LEVEL     fatal, error, warn (if left out), info, debug or silent

ALLOW_EMBEDDED_MONGODB=yes lets the embedded database start where NODE_ENV is production
WEBHOOK_ALLOW_LOOPBACK=true lets webhooks point at this machine, over http too`;

/** What the command line asks for. */
export interface LaunchArguments {
  readonly port: number | null;
  readonly memory: boolean;
  readonly reset: boolean;
  readonly demo: boolean;
  readonly help: boolean;
}

/** What `npm start` reads from the environment. */
export const launchConfig = z.object({
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://')
    .optional(),
  DATABASE_PREFIX: z
    .string()
    .regex(/^[a-z0-9_-]{1,20}$/)
    .default('jifen'),
  DATA_FOLDER: z.string().min(1).default('data'),
  PORT: portSetting.default(4000),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('warn'),
  /** Lets webhooks point at this machine, to try them out. */
  WEBHOOK_ALLOW_LOOPBACK: z.stringbool().default(false),
});

/** What `npm start` is told by the environment, checked. */
export type LaunchConfig = z.infer<typeof launchConfig>;

function parse(argv: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        memory: { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        demo: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new StartError(
      `${(error as Error).message.split('. ')[0]}: npm start -- --help says what there is`,
    );
  }
}

/** Reads the command line. Throws a StartError that says what is wrong with it. */
export function readArguments(argv: readonly string[]): LaunchArguments {
  const { port, memory, reset, demo, help } = parse(argv);
  const found = port === undefined ? null : portSetting.safeParse(port);
  if (found && (!found.success || port === ''))
    throw new StartError(`--port must be 0 to 65535, got ${port || 'nothing'}`);
  return { port: found?.data ?? null, memory, reset, demo, help };
}

/** Refuses what cannot be meant together. */
export function checkCombination(args: LaunchArguments, config: LaunchConfig): void {
  if (!config.MONGODB_URI) return;
  if (args.memory)
    throw new StartError('--memory is for the embedded database: unset MONGODB_URI or leave it out');
  if (args.reset)
    throw new StartError('--reset is for the embedded database: a MONGODB_URI is never emptied');
}

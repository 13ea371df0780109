import { z } from 'zod';

/** A failure to start that one line explains: no stack is shown for it. */
export class StartError extends Error {
  override name = 'StartError';
}

/** Reads the environment once. Throws a StartError that names every bad or missing variable. */
export function readConfig<T extends z.ZodType>(shape: T, env: NodeJS.ProcessEnv): z.infer<T> {
  const result = shape.safeParse(env);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new StartError(`bad configuration: ${faults.join('; ')}`);
}

/** A TCP port from the environment; 0 lets the system choose. */
export const portSetting = z.coerce.number().int().min(0).max(65535);

/** A secret that all processes share. */
export const secretSetting = z.string().min(32, 'must have at least 32 characters');

/** What every subgraph reads from the environment. */
export const subgraphConfig = z.object({
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must start with mongodb:// or mongodb+srv://'),
  DATABASE_PREFIX: z
    .string()
    .regex(/^[a-z0-9_-]{1,20}$/)
    .default('jifen'),
  INTERNAL_SECRET: secretSetting,
  /** What the ids that each merchant knows members by are made with: the same in every process, and for good. */
  MEMBER_ID_SECRET: secretSetting,
  HOST: z.string().default('127.0.0.1'),
  PORT: portSetting.default(0),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
});

/** What every subgraph is started with. */
export type SubgraphConfig = z.infer<typeof subgraphConfig>;

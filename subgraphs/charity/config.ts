import { z } from 'zod';
import { subgraphConfig } from '../shared/config.ts';

/** What charity's process reads from the environment. */
export const charityConfig = subgraphConfig.extend({ ACCOUNTS_URL: z.url('must be a URL') });

import type { BaseContext } from '../shared/subgraph-server.ts';

/** What a resolver of this subgraph is given. */
export interface Context extends BaseContext {}

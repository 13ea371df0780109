import { type Received, startEndpoint } from '../support/endpoint.ts';

/** A merchant's endpoint, to which accounts sends what happened. */
export interface Hook {
  readonly url: string;
  /** What it took of postings: of each wallet, under the name that it is told it by, their ids, the first time each. */
  readonly taken: ReadonlyMap<string, ReadonlySet<string>>;
  /** Takes nothing of the next so many requests. */
  refuse(requests: number): void;
  stop(): Promise<void>;
}

/** Opens one. */
export async function openHook(): Promise<Hook> {
  const endpoint = await startEndpoint();
  const taken = new Map<string, Set<string>>();
  let refusals = 0;
  const take = ({ body }: Received): number => {
    if (refusals > 0) {
      refusals--;
      return 503;
    }
    const { type, subject, partitionkey } = body as Received['body'] & { partitionkey: string };
    if (type !== 'jifen.points.posted') return 200;
    const of = taken.get(partitionkey) ?? new Set();
    taken.set(partitionkey, of.add(subject!));
    return 200;
  };
  endpoint.answer(take);
  return {
    url: endpoint.url,
    taken,
    refuse: (requests) => {
      refusals = requests;
    },
    stop: endpoint.stop,
  };
}

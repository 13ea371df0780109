import type { Connection } from 'mongoose';
import { currentSession, defineCollection } from '../../shared/mongo.ts';

/** A rule of a campaign. */
export interface RuleRef {
  readonly campaignId: string;
  readonly ruleCode: string;
}

/** Points that one rule gave one member, or gives back if negative. */
export interface RulePoints extends RuleRef {
  readonly points: bigint;
}

interface Row {
  readonly _id: string;
  readonly memberId: string;
  readonly points: bigint;
}

const definition = {
  name: 'member_caps',
  fields: {
    _id: String,
    memberId: { type: String, required: true },
    points: { type: BigInt, required: true },
  },
  indexes: [],
};

const idOf = (memberId: string, { campaignId, ruleCode }: RuleRef) => `${campaignId}:${ruleCode}:${memberId}`;

/** What rules with a cap per member have given each member: one counter a rule and member. */
export function createMemberCapStore(connection: Connection) {
  const Model = defineCollection<Row>(connection, definition);
  return {
    /** What the rules have given the member so far, in the order of the rules. */
    async given(memberId: string, rules: readonly RuleRef[]): Promise<bigint[]> {
      const ids = rules.map((rule) => idOf(memberId, rule));
      const rows = await Model.find({ _id: { $in: ids } })
        .session(currentSession())
        .lean<Row[]>();
      const found = new Map(rows.map((row) => [row._id, row.points]));
      return ids.map((id) => found.get(id) ?? 0n);
    },

    /**
     * Adds to the counters. Two purchases that read the same counter and add to it in their transactions meet in a write
     * conflict, so one of them decides again on what the other left.
     */
    async add(memberId: string, changes: readonly RulePoints[]): Promise<void> {
      for (const change of changes) {
        const update = { $inc: { points: change.points }, $setOnInsert: { memberId } };
        await Model.updateOne({ _id: idOf(memberId, change) }, update, { upsert: true }).session(
          currentSession(),
        );
      }
    },
  };
}

/** What rules with a cap per member have given each member. */
export type MemberCapStore = ReturnType<typeof createMemberCapStore>;

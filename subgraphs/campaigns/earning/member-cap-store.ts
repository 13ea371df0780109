import type { Connection } from 'mongoose';
import { type CollectionDefinition, currentSession, defineCollection } from '../../shared/mongo.ts';

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

const definition: CollectionDefinition = {
  name: 'member_caps',
  fields: {
    _id: String,
    memberId: { type: String, required: true },
    points: { type: BigInt, required: true },
  },
  indexes: [[{ memberId: 1 }, { name: 'caps_member' }]],
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

    /** All counters of a member, in a fixed order. */
    async ofMember(memberId: string): Promise<RulePoints[]> {
      const rows = await Model.find({ memberId }).sort({ _id: 1 }).lean<Row[]>();
      return rows.map(({ _id, points }) => {
        const [campaignId, ruleCode] = _id.split(':') as [string, string];
        return { campaignId, ruleCode, points };
      });
    },

    /** Deletes all counters of a member. */
    async forget(memberId: string): Promise<void> {
      await Model.deleteMany({ memberId }).session(currentSession());
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

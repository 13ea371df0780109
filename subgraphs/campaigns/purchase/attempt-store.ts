import { type Model, Schema } from 'mongoose';
import type { Attempt } from '../../shared/attempt.ts';

/** The field of a collection that keeps attempts with its records. */
export const attemptsField = [
  new Schema(
    { id: { type: String, required: true }, at: { type: Date, required: true } },
    { _id: false, strict: 'throw' },
  ),
];

/** The writes of attempts to a collection's pending records. */
export function attemptWrites<R>(collection: Model<R>) {
  const Records = collection as unknown as Model<{ _id: string; state: string; attempts: Attempt[] }>;
  return {
    async beginAttempt(id: string, attempt: Attempt, since: Date): Promise<boolean> {
      const pending = { _id: id, state: 'PENDING' };
      await Records.updateOne(pending, { $pull: { attempts: { at: { $lt: since } } } });
      const { matchedCount } = await Records.updateOne(pending, { $push: { attempts: attempt } });
      return matchedCount === 1;
    },

    async endAttempt(id: string, attemptId: string): Promise<void> {
      await Records.updateOne({ _id: id }, { $pull: { attempts: { id: attemptId } } });
    },
  };
}

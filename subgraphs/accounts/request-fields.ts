import { Schema } from 'mongoose';

/** How a store declares the request kept with a row. */
export const requestField = new Schema(
  {
    caller: { type: String, required: true },
    idempotencyKey: { type: String, required: true },
    inputHash: { type: String, required: true },
  },
  { _id: false, strict: 'throw' },
);

/** The unique index behind "a request is carried out once". Rows without a request are not in it. */
export const requestIndex = (name: string) =>
  [
    { 'request.caller': 1, 'request.idempotencyKey': 1 },
    { unique: true, name, partialFilterExpression: { 'request.caller': { $exists: true } } },
  ] as const;

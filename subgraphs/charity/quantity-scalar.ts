import { GraphQLScalarType } from 'graphql';

/** Resolves the Quantity scalar, which is only ever answered: `bigint` inside, a JSON integer outside. */
export const quantityScalar = new GraphQLScalarType<bigint, number>({
  name: 'Quantity',
  serialize: (value) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) throw new Error(`Quantity out of range: ${String(value)}`);
    return number;
  },
});

import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

const refuse = (what: string, value: unknown): never => {
  throw new GraphQLError(`${what}, got ${JSON.stringify(value) ?? String(value)}`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
};

function wholeNumber(name: string): GraphQLScalarType<bigint, number> {
  const rule = `${name} must be a whole number between -9007199254740991 and 9007199254740991`;
  const fromNumber = (value: unknown): bigint =>
    typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : refuse(rule, value);
  return new GraphQLScalarType<bigint, number>({
    name,
    serialize: (value) => {
      const number = typeof value === 'bigint' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isSafeInteger(number))
        throw new Error(`${name} out of range: ${String(value)}`);
      return number;
    },
    parseValue: fromNumber,
    parseLiteral: (node: ValueNode) =>
      node.kind === Kind.INT
        ? fromNumber(Number(node.value))
        : refuse(rule, 'value' in node ? node.value : node.kind),
  });
}

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Whether a text begins with a day that its month has: `Date` takes 31 April for 1 May. */
function beginsWithADay(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** False where an offset has carried an instant out of the years 0000 to 9999: it is answered in a form that is not taken. */
const hasYearOfFourDigits = (date: Date): boolean => instant.test(date.toISOString());

function toDate(value: unknown): Date {
  const date = typeof value === 'string' && instant.test(value) ? new Date(value) : null;
  const isThere =
    date !== null &&
    !Number.isNaN(date.getTime()) &&
    beginsWithADay(value as string) &&
    hasYearOfFourDigits(date);
  return isThere ? date : refuse('DateTime must be ISO 8601 with a time zone', value);
}

/** Resolvers of the scalars that all subgraphs share. Points and MinorUnits are `bigint` inside, DateTime is `Date`. */
export const scalarResolvers = {
  Points: wholeNumber('Points'),
  MinorUnits: wholeNumber('MinorUnits'),
  DateTime: new GraphQLScalarType<Date, string>({
    name: 'DateTime',
    serialize: (value) => (value instanceof Date ? value : new Date(value as string)).toISOString(),
    parseValue: toDate,
    parseLiteral: (node) =>
      node.kind === Kind.STRING ? toDate(node.value) : refuse('DateTime must be a string', node.kind),
  }),
};

import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';

/** Half of a surrogate pair: a store keeps it as another character, so that two such texts would become one. */
const halfCharacter = /\p{Cs}/u;

/** A value among variables, and in which other it stands under which name. */
interface Place {
  readonly name: string;
  readonly value: unknown;
  readonly inside: Place | null;
}

const isIllFormed = ({ name, value }: Place): boolean =>
  halfCharacter.test(name) || (typeof value === 'string' && halfCharacter.test(value));

function pathTo(place: Place): string {
  const names: string[] = [];
  for (let at: Place | null = place; at; at = at.inside) names.push(at.name);
  return names
    .reverse()
    .join('.')
    .slice(0, 200)
    .replace(/\p{Cs}/gu, '\ufffd');
}

/** Where in some variables a text is that is no Unicode, e.g. `input.lines.0.id`; null if all is. Names of fields count too. */
export function illFormedIn(variables: Readonly<Record<string, unknown>>): string | null {
  const open: Place[] = [];
  const enter = (value: object, inside: Place | null) => {
    for (const [name, inner] of Object.entries(value)) open.push({ name, value: inner, inside });
  };
  enter(variables, null);
  for (let place = open.pop(); place; place = open.pop()) {
    if (isIllFormed(place)) return pathTo(place);
    if (typeof place.value === 'object' && place.value !== null) enter(place.value, place);
  }
  return null;
}

/** Refuses variables with a text that is no Unicode. What stands in an operation itself is refused by its parser. */
export const refuseIllFormed: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ request }) => {
      const path = illFormedIn(request.variables ?? {});
      if (path === null) return;
      const extensions = { code: 'BAD_USER_INPUT', http: { status: 400 } };
      throw new GraphQLError(`Variable "$${path}" is not well-formed Unicode.`, { extensions });
    },
  }),
};

import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';
import { argumentRules } from './argument-rules.ts';

type Variables = Readonly<Record<string, unknown>>;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
  /** Fragments checked before: what they ask for is the same wherever they are spread. */
  readonly checked: Set<string>;
}

/** Makes what a check throws the refusal of the whole operation, with the field's place. */
function at<T>(path: readonly string[], check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const extensions = { code: 'BAD_USER_INPUT', http: { status: 400 } };
    throw new GraphQLError(error.message, { path, extensions });
  }
}

const isSkipped = (selection: SelectionNode, variables: Variables): boolean =>
  getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true ||
  getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false;

function checkArguments(
  field: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  variables: Variables,
): void {
  const values = getArgumentValues(definition, field, variables);
  for (const argument of definition.args) {
    const value = values[argument.name];
    if (value !== null && value !== undefined) argumentRules[argument.name]?.(value, argument);
  }
}

function checkField(
  field: FieldNode,
  parent: GraphQLNamedType | undefined,
  path: readonly string[],
  walk: Walk,
): void {
  const fields = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields() : {};
  const definition = fields[field.name.value];
  // Only `__typename` is no field of its type.
  if (!definition) return;
  at(path, () => checkArguments(field, definition, walk.variables));
  if (field.selectionSet) checkFields(field.selectionSet, getNamedType(definition.type), path, walk);
}

function checkFragment(name: string, path: readonly string[], walk: Walk): void {
  const fragment = walk.fragments.get(name);
  if (!fragment || walk.checked.has(name)) return;
  walk.checked.add(name);
  checkFields(fragment.selectionSet, walk.schema.getType(fragment.typeCondition.name.value), path, walk);
}

function checkFields(
  { selections }: SelectionSetNode,
  parent: GraphQLNamedType | undefined,
  path: readonly string[],
  walk: Walk,
): void {
  for (const selection of selections) {
    const isField = selection.kind === Kind.FIELD;
    const here = isField ? [...path, (selection.alias ?? selection.name).value] : path;
    if (at(here, () => isSkipped(selection, walk.variables))) continue;
    if (isField) checkField(selection, parent, here, walk);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) checkFragment(selection.name.value, here, walk);
    else {
      const condition = selection.typeCondition?.name.value;
      checkFields(selection.selectionSet, condition ? walk.schema.getType(condition) : parent, here, walk);
    }
  }
}

/**
 * Checks the arguments of all that a valid mutation asks to be answered. Throws BAD_USER_INPUT with the place of the first
 * field that could not be answered. Variables that do not fit are left to whoever executes: it refuses them too.
 */
export function checkAnswer(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Variables,
): void {
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given, { maxErrors: 1 });
  if (!coerced) return;
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const walk = { schema, fragments, variables: coerced, checked: new Set<string>() };
  checkFields(operation.selectionSet, schema.getMutationType() ?? undefined, [], walk);
}

/**
 * Refuses a mutation that asks for an answer that cannot be given, before it changes anything: refused when the field is
 * resolved, it would hide what was written.
 */
export const checkAnswers: ApolloServerPlugin = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, operation, request }) => {
      if (operation?.operation === 'mutation')
        checkAnswer(schema, document, operation, request.variables ?? {});
    },
  }),
};

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How big an operation is. */
export interface OperationSize {
  /** Fields inside fields. */
  readonly depth: number;
  /** Fields given another name. */
  readonly aliases: number;
  /** Fields that the answer may hold: those below a list argument `first` count `first` times. */
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
}

const nothing: OperationSize = { depth: 0, aliases: 0, cost: 0 };

const add = (a: OperationSize, b: OperationSize): OperationSize => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  cost: a.cost + b.cost,
});

/** How often what stands below a field may come; 1 where it has no `first`. */
function timesOf(field: FieldNode, argument: GraphQLArgument | undefined, variables: Variables): number {
  if (!argument) return 1;
  const value = field.arguments?.find((given) => given.name.value === 'first')?.value;
  const usual = Number(argument.defaultValue ?? 1);
  const found =
    value?.kind === Kind.INT
      ? Number(value.value)
      : value?.kind === Kind.VARIABLE
        ? Number(variables[value.name.value] ?? usual)
        : usual;
  return Math.max(1, found);
}

const fieldOf = (parent: GraphQLNamedType | undefined, name: string) =>
  isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;

function measureField(field: FieldNode, parent: GraphQLNamedType | undefined, walk: Walk): OperationSize {
  const name = field.name.value;
  const aliases = field.alias && field.alias.value !== name ? 1 : 0;
  // What describes the schema is deep by its nature and bounded by graphql-js's own rules.
  if (name.startsWith('__')) return { depth: 1, aliases, cost: 1 };
  const definition = fieldOf(parent, name);
  if (!field.selectionSet) return { depth: 1, aliases, cost: 1 };
  const type = definition ? getNamedType(definition.type) : undefined;
  const below = measure(field.selectionSet, type, walk);
  const first = definition?.args.find((argument) => argument.name === 'first');
  const times = timesOf(field, first, walk.variables);
  return { depth: below.depth + 1, aliases: aliases + below.aliases, cost: 1 + times * below.cost };
}

function measure(set: SelectionSetNode, parent: GraphQLNamedType | undefined, walk: Walk): OperationSize {
  return set.selections.map((selection) => measureSelection(selection, parent, walk)).reduce(add, nothing);
}

function measureSelection(
  selection: SelectionSetNode['selections'][number],
  parent: GraphQLNamedType | undefined,
  walk: Walk,
): OperationSize {
  if (selection.kind === Kind.FIELD) return measureField(selection, parent, walk);
  const fragment =
    selection.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(selection.name.value) : selection;
  if (!fragment) return nothing;
  const condition = fragment.typeCondition?.name.value;
  return measure(fragment.selectionSet, condition ? walk.schema.getType(condition) : parent, walk);
}

const rootOf = (schema: GraphQLSchema, operation: OperationDefinitionNode) =>
  schema.getRootType(operation.operation) ?? undefined;

/** Measures a valid operation. Its fragments must not spread themselves, which validation has made sure of. */
export function operationSize(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): OperationSize {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  return measure(operation.selectionSet, rootOf(schema, operation), { schema, fragments, variables });
}

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
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
  /**
   * Fields that the answer may hold: those below a list with an argument `first` count `first` times, those below any
   * other list ten times, and far more often where the list is asked for within itself: that goes in circles. A list
   * with `first` counts ten itself, as each is read from the database on its own.
   */
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Variables;
  /** Fragments measured before: one may be spread so often, through others, that measuring it anew would never end. */
  readonly measured: Map<string, OperationSize>;
  /** Lists without `first` that are being asked for around what is measured. */
  readonly within: readonly string[];
}

const costOfPage = 10;
const timesOfList = 10;
const timesInCircle = 500;

const nothing: OperationSize = { depth: 0, aliases: 0, cost: 0 };

const add = (a: OperationSize, b: OperationSize): OperationSize => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  cost: a.cost + b.cost,
});

type Field = GraphQLField<unknown, unknown>;

const isList = ({ type }: Field): boolean => isListType(isNonNullType(type) ? type.ofType : type);

/** What `first` says, or its default. */
function firstOf(field: FieldNode, usual: number, variables: Variables): number {
  const value = field.arguments?.find((given) => given.name.value === 'first')?.value;
  const found =
    value?.kind === Kind.INT
      ? Number(value.value)
      : value?.kind === Kind.VARIABLE
        ? Number(variables[value.name.value] ?? usual)
        : usual;
  return Math.max(1, found);
}

interface Weight {
  /** What the field itself costs. */
  readonly own: number;
  /** How often what stands below it may come. */
  readonly times: number;
  /** The list without `first` that it opens, if it does. */
  readonly opens?: string;
}

function weigh(field: FieldNode, definition: Field, parent: string, { variables, within }: Walk): Weight {
  const first = definition.args.find(({ name }) => name === 'first');
  if (first) return { own: costOfPage, times: firstOf(field, Number(first.defaultValue ?? 1), variables) };
  // A connection's edges are as many as its `first` says.
  if (!isList(definition) || definition.name === 'edges') return { own: 1, times: 1 };
  const opens = `${parent}.${definition.name}`;
  return { own: 1, times: within.includes(opens) ? timesInCircle : timesOfList, opens };
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
  const { own, times, opens }: Weight = definition
    ? weigh(field, definition, parent!.name, walk)
    : { own: 1, times: 1 };
  const inside = opens && !walk.within.includes(opens) ? { ...walk, within: [...walk.within, opens] } : walk;
  const below = measure(field.selectionSet, type, inside);
  return { depth: below.depth + 1, aliases: aliases + below.aliases, cost: own + times * below.cost };
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
  if (selection.kind === Kind.FRAGMENT_SPREAD) return measureSpread(selection.name.value, walk);
  const condition = selection.typeCondition?.name.value;
  return measure(selection.selectionSet, condition ? walk.schema.getType(condition) : parent, walk);
}

/** What a fragment holds depends on nothing but itself and the lists around it. */
function measureSpread(name: string, walk: Walk): OperationSize {
  const fragment = walk.fragments.get(name);
  if (!fragment) return nothing;
  const key = `${name} ${walk.within.join(' ')}`;
  const known = walk.measured.get(key);
  if (known) return known;
  const size = measure(fragment.selectionSet, walk.schema.getType(fragment.typeCondition.name.value), walk);
  walk.measured.set(key, size);
  return size;
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
  const walk = { schema, fragments, variables, measured: new Map(), within: [] };
  return measure(operation.selectionSet, rootOf(schema, operation), walk);
}

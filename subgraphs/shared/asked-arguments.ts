import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  getArgumentValues,
  Kind,
  type SelectionSetNode,
} from 'graphql';

const fieldsIn = ({ selections }: SelectionSetNode, info: GraphQLResolveInfo): FieldNode[] =>
  selections.flatMap((selection): readonly FieldNode[] => {
    if (selection.kind === Kind.FIELD) return [selection];
    const inside =
      selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value]!;
    return fieldsIn(inside.selectionSet, info);
  });

/**
 * With which arguments a field of the answer is asked for, once for each time it is. A mutation checks them before it
 * writes: refused when the field is resolved, they would hide what was written.
 */
export function askedArguments(
  info: GraphQLResolveInfo,
  typeName: string,
  fieldName: string,
): Readonly<Record<string, unknown>>[] {
  const field = (info.schema.getType(typeName) as GraphQLObjectType).getFields()[fieldName]!;
  return info.fieldNodes
    .flatMap(({ selectionSet }) => (selectionSet ? fieldsIn(selectionSet, info) : []))
    .filter(({ name }) => name.value === fieldName)
    .map((node) => getArgumentValues(field, node, info.variableValues));
}

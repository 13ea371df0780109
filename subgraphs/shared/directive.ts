import { valueFromASTUntyped } from 'graphql';

type Node = { readonly directives?: readonly DirectiveLike[] | undefined };
type DirectiveLike = {
  name: { value: string };
  arguments?:
    | readonly { name: { value: string }; value: Parameters<typeof valueFromASTUntyped>[0] }[]
    | undefined;
};

/** The arguments of the first directive of a name on some parts of a schema, or null. */
export function directive(
  nodes: readonly (Node | null | undefined)[],
  name: string,
): Record<string, unknown> | null {
  for (const node of nodes) {
    const found = node?.directives?.find((candidate) => candidate.name.value === name);
    if (found)
      return Object.fromEntries(
        (found.arguments ?? []).map((a) => [a.name.value, valueFromASTUntyped(a.value)]),
      );
  }
  return null;
}

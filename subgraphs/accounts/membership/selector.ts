/** The three ways to name a member; exactly one is to be given. */
export interface SelectorInput {
  readonly id?: string | null | undefined;
  readonly reference?: string | null | undefined;
  readonly cardNumber?: string | null | undefined;
}

/** One way to name a member. */
export interface MemberKey {
  readonly by: 'id' | 'reference' | 'cardNumber';
  readonly value: string;
}

/** What a selector names, or null unless exactly one of its fields is given. */
export function readSelector(selector: SelectorInput): MemberKey | null {
  const given = (['id', 'reference', 'cardNumber'] as const).flatMap((by) => {
    const value = selector[by];
    return typeof value === 'string' ? [{ by, value }] : [];
  });
  return given.length === 1 ? given[0]! : null;
}

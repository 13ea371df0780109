const begin = '<!-- what is supported: begin -->';
const end = '<!-- what is supported: end -->';

/** A README with the table between its two marks replaced. Throws if it has no such marks. */
export function withTable(readme: string, table: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error('there is no place for the table');
  return `${readme.slice(0, from + begin.length)}\n${table}\n${readme.slice(to)}`;
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file that GraphiQL's page loads. Its URL changes with its content, so browsers may keep it for ever. */
export interface Asset {
  readonly url: string;
  readonly type: string;
  readonly body: Buffer;
}

const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';

const packageFile = (name: string, file: string): string => {
  const require = createRequire(join(import.meta.dirname, 'assets.ts'));
  return join(dirname(require.resolve(`${name}/package.json`)), file);
};

const own = (file: string): string => join(import.meta.dirname, 'page', file);

const files = () =>
  ({
    react: [packageFile('react', 'umd/react.production.min.js'), script],
    reactDom: [packageFile('react-dom', 'umd/react-dom.production.min.js'), script],
    graphiql: [packageFile('graphiql', 'graphiql.min.js'), script],
    graphiqlStyle: [packageFile('graphiql', 'graphiql.min.css'), style],
    page: [own('page.js'), script],
    pageStyle: [own('page.css'), style],
  }) as const;

/** Names of the files that the page loads. */
export type AssetName = keyof ReturnType<typeof files>;

/** Reads the page's files from the installed packages. */
export function readAssets(): Readonly<Record<AssetName, Asset>> {
  const read = ([name, [path, type]]: [string, readonly [string, string]]) => {
    const body = readFileSync(path);
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16);
    const extension = type === script ? 'js' : 'css';
    return [name, { url: `/graphiql/assets/${name}.${hash}.${extension}`, type, body }] as const;
  };
  return Object.fromEntries(Object.entries(files()).map(read)) as Record<AssetName, Asset>;
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const page = join(import.meta.dirname, 'page');
const read = (file: string): string => readFileSync(join(page, file), 'utf8');

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The verifier and the page's own script as one, left readable for whoever wants to see what it does. */
async function joinScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(page, 'page.js')],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    absWorkingDir: import.meta.dirname,
  });
  const script = outputFiles[0]!.text;
  if (script.includes('</script')) throw new Error('the script would end the page');
  return script;
}

/**
 * The page that verifies proofs, as one file that works from a disk. Its own policy lets it run this script alone and talk
 * to nobody, so that a proof, which tells a balance, stays where it is.
 */
export async function buildVerifyPage(): Promise<string> {
  const [script, style] = [await joinScript(), read('page.css')];
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  // Functions, for a replacement's text may hold what stands for something in one.
  return read('page.html')
    .replace('POLICY', () => policy)
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    .replace('<!-- script -->', () => `<script>${script}</script>`);
}

// node tools/run.mjs FILE.ts [ARGUMENTS]: runs one of our programs, always from its present source.
//
// It joins our own files (never a package) into one with esbuild and lets plain Node run that. A loader such as tsx's would
// take part in the loading of every package's every file too: measured, that doubles what starting takes and adds 50 MB.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

const root = dirname(import.meta.dirname);
const cache = join(root, 'node_modules', '.cache', 'jifen');

/** What a file says of its own place stays true after it was joined with others. */
const places = {
  name: 'places',
  setup: (build) =>
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.filename', JSON.stringify(path)),
    })),
};

/** Names hold a hash of the content, so whoever finds a file finds the right one, and a whole one. */
function write({ path, contents }) {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, path);
}

async function joinFiles(entry) {
  const { outputFiles, metafile } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    splitting: true,
    outdir: cache,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    plugins: [places],
    metafile: true,
    absWorkingDir: root,
    write: false,
    logLevel: 'error',
  });
  await esbuild.stop();
  for (const file of outputFiles) write(file);
  const outputs = Object.entries(metafile.outputs);
  const [name] = outputs.find(([, { entryPoint }]) => entryPoint && resolve(root, entryPoint) === entry);
  return join(root, name);
}

const [file, ...rest] = process.argv.slice(2);
if (!file) {
  console.error('node tools/run.mjs FILE.ts [ARGUMENTS]');
  process.exit(1);
}
// Started by another of our programs, this one ends with it, from its first moment on.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
if (process.connected === false) process.exit(1);
process.channel?.unref();
module.enableCompileCache?.();
const entry = resolve(file);
const joined = await joinFiles(entry);
process.argv = [process.argv[0], entry, ...rest];
await import(pathToFileURL(joined).href);

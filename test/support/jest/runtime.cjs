// Jest's way to load modules, except that packages are loaded by Node itself, once in a process of the test runner. Our own
// modules are loaded anew for each file, so no file finds what another left in them; but for those that hold nothing but what
// the schema's files say, which takes long to work out.
const { createRequire, isBuiltin } = require('node:module');
const { dirname, resolve } = require('node:path');
const { default: Runtime } = require('jest-runtime');

/** Has nothing that can be required: the configuration says which file stands for it. */
const importOnly = 'canonicalize';

const ofSchemaFiles = /\/(schema\/subgraphs|subgraphs\/shared\/subgraph-schema)\.ts$/;
const kept = new Map();

const isPackage = (name) => !/^[./]/.test(name) && name !== importOnly;

module.exports = {
  __esModule: true,
  default: class extends Runtime {
    requireModule(from, name, options, isRequireActual) {
      const load = () => super.requireModule(from, name, options, isRequireActual);
      if (!name || options?.isInternalModule || isBuiltin(name)) return load();
      if (isPackage(name)) return createRequire(from)(name);
      const path = resolve(dirname(from), name);
      if (!ofSchemaFiles.test(path)) return load();
      if (!kept.has(path)) kept.set(path, load());
      return kept.get(path);
    }
  },
};

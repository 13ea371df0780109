// Where tests run: in the global scope of the test runner's process, as a program does, and not in a context that Jest makes
// for each file. What was compiled and optimised for one file then serves the next, a look-up of a global costs nothing, and
// an Error or a Date is the same thing to our code and to Node.
const { AsyncLocalStorage } = require('node:async_hooks');
const vm = require('node:vm');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** Stands for the global scope where Jest names the context to compile a file for. */
const here = {};

const { compileFunction } = vm;
vm.compileFunction = (code, parameters, { parsingContext, ...options } = {}) =>
  compileFunction(code, parameters, parsingContext === here ? options : { ...options, parsingContext });

/** Node looks at each storage that was ever used whenever something asynchronous begins, and keeps it, until it is disabled. */
const storages = new Set();

const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...parameters) {
  storages.add(this);
  return run.apply(this, parameters);
};

function disableStorages() {
  for (const storage of storages) storage.disable();
  storages.clear();
}

/** mongoose keeps each connection that was ever made, and all of its models, until it is destroyed; the first is its own. */
async function forgetConnections() {
  const mongoose = require.cache[require.resolve('mongoose')]?.exports;
  await Promise.all(mongoose?.connections.slice(1).map((connection) => connection.destroy(true)) ?? []);
}

module.exports = class {
  constructor({ projectConfig: config }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config, global: globalThis });
    // What the runner and a file may put others in the place of, and what every next file is to find.
    const { exit, env, getBuiltinModule } = process;
    this.own = { console, process: { exit, env: { ...env }, getBuiltinModule } };
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return here;
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    await forgetConnections();
    disableStorages();
    globalThis.console = this.own.console;
    Object.assign(process, this.own.process);
  }
};

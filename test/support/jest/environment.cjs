// Where tests run: in the global scope of the test runner's process, as a program does, and not in a context that Jest makes
// for each file. What was compiled and optimised for one file then serves the next, a look-up of a global costs nothing, and
// an Error or a Date is the same thing to our code and to Node.
const vm = require('node:vm');
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** Stands for the global scope where Jest names the context to compile a file for. */
const here = {};

const { compileFunction } = vm;
vm.compileFunction = (code, parameters, { parsingContext, ...options } = {}) =>
  compileFunction(code, parameters, parsingContext === here ? options : { ...options, parsingContext });

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
    globalThis.console = this.own.console;
    Object.assign(process, this.own.process);
  }
};

// Tests run as CommonJS through swc. Node requires packages, also those of ES modules, except the one that does not let it.
export default {
  testEnvironment: '<rootDir>/test/support/jest/environment.cjs',
  runtime: '<rootDir>/test/support/jest/runtime.cjs',
  testSequencer: '<rootDir>/test/support/jest/sequencer.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!canonicalize/)'],
  moduleNameMapper: { '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js' },
  // What hangs fails late; what is slow on a busy machine does not fail.
  testTimeout: 120_000,
  maxWorkers: 2,
  // What a file leaves behind slows down the next, by more and more: a process that has grown makes way for a new one.
  workerIdleMemoryLimit: '1GB',
};

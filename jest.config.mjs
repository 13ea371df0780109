// Tests run as CommonJS through swc; packages that ship only ES modules are transformed too.
const esmOnly = ['jose', '@marcbachmann/cel-js', 'canonicalize', 'sorted-btree', 'fast-check', 'pure-rand'];

export default {
  testEnvironment: 'node',
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
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  moduleNameMapper: { '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js' },
  // What hangs fails late; what is slow on a busy machine does not fail.
  testTimeout: 120_000,
  maxWorkers: 2,
};

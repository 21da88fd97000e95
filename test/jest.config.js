/**
 * Tests that need neither root nor a cluster. `test/run.js` names this file, and other folders for the tests that need more.
 *
 * @type {import("jest").Config}
 */
export default {
  rootDir: "..",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/test/cluster/", "/test/packages/", "/test/generators/published/", "/test/e2e/"],
  // What ends a test that hangs: a machine with more to do than this is slow, which is no failure.
  testTimeout: 30_000,
  testEnvironment: "<rootDir>/test/environment.js",
  extensionsToTreatAsEsm: [".ts"],
  modulePathIgnorePatterns: ["/dist/"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          parser: { syntax: "typescript" },
          target: "es2024",
          transform: { verbatimModuleSyntax: true },
          experimental: { keepImportAttributes: true },
        },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
};

/** Tests that need neither root nor a cluster; `npm run test:cluster` runs jest.cluster.config.js instead. */
export const shared = {
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

/** @type {import("jest").Config} */
export default {
  ...shared,
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/test/cluster/", "/test/packages/", "/test/e2e/"],
};

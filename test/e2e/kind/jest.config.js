import shared from "../../jest.config.js";

/**
 * Tests that share one kind cluster, one file after the other.
 *
 * @type {import("jest").Config}
 */
export default {
  ...shared,
  rootDir: "../../..",
  testMatch: ["<rootDir>/test/e2e/*/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  testEnvironment: "<rootDir>/test/e2e/kind/environment.js",
  globalSetup: "<rootDir>/test/e2e/kind/setup.js",
  globalTeardown: "<rootDir>/test/e2e/kind/teardown.js",
  testTimeout: 120_000,
  maxWorkers: 1,
};

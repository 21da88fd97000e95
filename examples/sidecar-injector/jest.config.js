// yours: tests are TypeScript modules, translated by swc.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0

/** @type {import("jest").Config} */
export default {
  testEnvironment: "<rootDir>/jest.environment.js",
  testMatch: ["**/*.test.ts"],
  // A real API server (KUBESCAFFOLD_TEST_CLUSTER=controlplane) takes some seconds to start.
  testTimeout: 60_000,
  extensionsToTreatAsEsm: [".ts"],
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

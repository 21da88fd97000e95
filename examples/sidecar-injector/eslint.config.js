// yours: the lint rules of this project.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import tseslint from "typescript-eslint";

const wholeGroups = {
  regex: "^kubernetes-models(/v1|/[a-z0-9.]+/v[0-9a-z]+)?$",
  message: "Import single kinds, such as kubernetes-models/apps/v1/Deployment: a whole group costs 30 to 200 MiB of memory.",
};

export default tseslint.config(
  // What is derived has been checked where it comes from.
  { ignores: ["node_modules/", "**/*.js", "api/**/*.ts", "!api/**/*.types.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // An API is `interface Kind extends CustomResource<KindSpec, KindStatus> {}`.
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "no-restricted-imports": ["error", { patterns: [wholeGroups] }],
    },
  },
);

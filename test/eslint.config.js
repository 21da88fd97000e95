import { dirname } from "node:path";
import tseslint from "typescript-eslint";

const wholeKubernetesModels = {
  regex: "^kubernetes-models(/v1|/[a-z0-9.]+/v[0-9a-z]+)?$",
  message: "Import single kinds (kubernetes-models/apps/v1/Deployment): a whole group costs 30 to 200 MiB.",
};

const slowTypeScript = { regex: "^typescript$", message: "Import generators/typescript.cjs, which loads faster." };

/** The layers of the design: a folder may import the folders listed for it, and itself. */
const layers = {
  generators: {
    commands: ["project", "changes", "import", "emit", "spec", "model", "bundle", "image", "compatibility"],
    import: ["emit", "model"],
    project: ["changes", "model"],
    emit: ["model"],
    spec: ["model"],
    changes: [],
    compatibility: ["model"],
    model: [],
    bundle: [],
    image: [],
  },
  runtime: {
    manager: ["controller", "webhook", "cache", "queue", "client", "object", "api"],
    controller: ["cache", "queue", "client", "object", "api"],
    webhook: ["cache", "queue", "client", "schema", "object", "api"],
    validation: ["cel", "schema", "object", "api"],
    cel: ["schema", "object", "api"],
    schema: ["object", "api"],
    cache: ["client", "object", "api"],
    queue: ["object", "api"],
    client: ["object", "api"],
    object: ["api"],
    api: [],
  },
};

/** The folders that a folder may not import, as a pattern; none when it may import all. */
function forbidden(top, folder, allowed) {
  const others = Object.keys(layers[top]).filter((other) => other !== folder && !allowed.includes(other));
  const group = [...others, ...(top === "runtime" ? ["testing"] : [])].flatMap((other) => [`../${other}/**`, `../../${other}/**`]);
  const message = `${top}/${folder} may import only: ${["itself", ...allowed].join(", ")} (docs/architecture.md).`;
  return group.length === 0 ? [] : [{ group, message }];
}

const layerRules = Object.entries(layers).flatMap(([top, folders]) =>
  Object.entries(folders).map(([folder, allowed]) => ({
    files: [`${top}/${folder}/**/*.ts`],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [...forbidden(top, folder, allowed), wholeKubernetesModels, slowTypeScript],
        },
      ],
    },
  })),
);

export default tseslint.config(
  { ignores: ["**/dist/", "**/node_modules/", "coverage/", "templates/", "**/*.generated.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["test/*.js", "generators/*.js", "generators/*.cjs"] },
        tsconfigRootDir: dirname(import.meta.dirname),
      },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      // How a kind is declared: interface Memcached extends CustomResource<MemcachedSpec, MemcachedStatus> {}
      "@typescript-eslint/no-empty-object-type": ["error", { allowInterfaces: "with-single-extends" }],
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true, argsIgnorePattern: "^_" }],
      "no-restricted-imports": ["error", { patterns: [wholeKubernetesModels] }],
    },
  },
  ...layerRules,
  {
    files: ["**/*.js", "**/*.mjs", "**/*.cjs"],
    ...tseslint.configs.disableTypeChecked,
  },
  { files: ["**/*.cjs", "**/*.cts"], rules: { "@typescript-eslint/no-require-imports": "off" } },
);

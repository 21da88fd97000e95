/** How an example came to be: the commands that its author typed, and what the author did to their files. */
export interface Example {
  /** Its folder in `examples/`. */
  readonly name: string;
  readonly commands: readonly (readonly string[])[];
  /** Written or changed by the author; all else is exactly as the commands write it today. */
  readonly edited: readonly string[];
  /** Taken out by the author. */
  readonly deleted: readonly string[];
}

const init = (name: string): string[] => {
  return ["init", "--domain", "example.com", "--project-name", name, "--packages", "registry", "--skip-install"];
};

const webhook = (group: string, kind: string, ...more: string[]): string[] => {
  return ["create", "webhook", "--group", group, "--version", "v1", "--kind", kind, ...more];
};

export const examples: readonly Example[] = [
  {
    name: "memcached-operator",
    commands: [init("memcached-operator"), ["create", "api", "--group", "cache", "--version", "v1alpha1", "--kind", "Memcached"]],
    edited: ["api/v1alpha1/memcached.types.ts", "controllers/memcached.controller.ts", "controllers/memcached.controller.test.ts", "main.ts"],
    deleted: [],
  },
  {
    name: "label-webhook",
    commands: [
      init("label-webhook"),
      webhook("apps", "Deployment", "--defaulting", "--validation", "--path", "/mutate", "--validation-path", "/validate"),
      webhook("core", "Service", "--defaulting", "--validation", "--path", "/mutate", "--validation-path", "/validate"),
    ],
    edited: [
      "README.md",
      "config/default/kustomization.yaml",
      "config/manager/manager.yaml",
      "config/rbac/kustomization.yaml",
      ...["kustomization", "namespace", "sleep", "sleep-no-validation", "sleep-with-labels"].map((name) => `config/samples/${name}.yaml`),
      "main.ts",
      ...["label.defaulter", "label.validator", "labels.test", "program.test", "settings"].map((name) => `webhooks/${name}.ts`),
    ],
    deleted: [
      ...["config/default/manager_metrics_patch.yaml", "config/default/metrics_service.yaml"],
      ...["kustomization", "monitor"].map((name) => `config/prometheus/${name}.yaml`),
      ...["leader_election_role", "leader_election_role_binding", "metrics_auth_role", "metrics_auth_role_binding", "metrics_reader_role"].map(
        (name) => `config/rbac/${name}.yaml`,
      ),
      ...["deployment", "service"].flatMap((kind) =>
        ["defaulter", "validator"].flatMap((type) => ["", ".test"].map((test) => `webhooks/${kind}.${type}${test}.ts`)),
      ),
    ],
  },
  {
    name: "sidecar-injector",
    commands: [init("sidecar-injector"), webhook("core", "Pod", "--defaulting", "--path", "/mutate")],
    edited: [
      "README.md",
      ...["kustomization", "manager", "template"].map((name) => `config/manager/${name}.yaml`),
      ...["kustomization", "namespaces", "sleep", "sleep-annotated", "sleep-without-sidecar"].map((name) => `config/samples/${name}.yaml`),
      "main.ts",
      "package.json",
      ...["command", "injection", "manifests", "pod.defaulter", "template", "yaml"].map((name) => `webhooks/${name}.ts`),
      ...["manifests", "pod.defaulter", "program"].map((name) => `webhooks/${name}.test.ts`),
    ],
    deleted: [],
  },
];

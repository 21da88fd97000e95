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

export const examples: readonly Example[] = [
  {
    name: "memcached-operator",
    commands: [init("memcached-operator"), ["create", "api", "--group", "cache", "--version", "v1alpha1", "--kind", "Memcached"]],
    edited: ["api/v1alpha1/memcached.types.ts", "controllers/memcached.controller.ts", "controllers/memcached.controller.test.ts", "main.ts"],
    deleted: [],
  },
];

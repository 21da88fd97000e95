import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { buildPackages } from "../../../generators/packages/index.ts";
import { buildPeers, run } from "../programs.ts";
import { machine, today, versions, type Measured, type Report } from "../report.ts";
import type { BenchOptions } from "./index.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const GO_MODULE = join(import.meta.dirname, "..", "peers", "controller-gen");
const KINDS = ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"];
const ROUNDS = 5;

/** The fields of each kind's spec: what stands in TypeScript, and the same in Go. */
const FIELDS: readonly (readonly [markers: readonly string[], typescript: string, go: string])[] = [
  [["minimum 1", "maximum 5", "default 3"], "size?: Int32", 'Size *int32 `json:"size,omitempty"`'],
  [["minLength 1", "maxLength 63", "pattern ^[a-z]+$"], "title: string", 'Title string `json:"title"`'],
  [["maxItems 16", "listType set"], "tags?: string[]", 'Tags []string `json:"tags,omitempty"`'],
  [[], "labels?: Record<string, string>", 'Labels map[string]string `json:"labels,omitempty"`'],
  [[], "resources?: IResourceRequirements", 'Resources corev1.ResourceRequirements `json:"resources,omitempty"`'],
  [[], "template?: IPodTemplateSpec", 'Template corev1.PodTemplateSpec `json:"template,omitempty"`'],
  [[], "memory?: Quantity", 'Memory *resource.Quantity `json:"memory,omitempty"`'],
  [[], "port?: IntOrString", 'Port *intstr.IntOrString `json:"port,omitempty"`'],
  [["format date-time"], "since?: string", 'Since string `json:"since,omitempty"`'],
];

interface Generator {
  readonly folder: string;
  readonly program: readonly [command: string, ...args: string[]];
  /** What it has written and would write again. */
  readonly derived: readonly string[];
}

/** From the types of six kinds to CRDs, classes (in Go: deep copies) and roles: all of it for the first time, and again with nothing to change. */
export async function generate({ work, repeat }: BenchOptions): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const subjects: Readonly<Record<string, Generator>> = {
    go: await goProject(join(work, "go")),
    ours: await ourProject(join(work, "ours")),
  };
  const results: Measured[] = [];
  for (let round = 0; round < ROUNDS * repeat; round++) {
    for (const [subject, { folder, program, derived }] of Object.entries(subjects)) {
      for (const path of derived) rmSync(join(folder, path), { recursive: true, force: true });
      const first = await timed(program, folder);
      const again = await timed(program, folder);
      results.push({ subject, first, again });
    }
  }
  const head = { bench: "generate", size: "6 kinds", date: today(), machine: machine(), loadBefore, versions: versions() };
  return { ...head, subjects: Object.keys(subjects), results };
}

async function goProject(folder: string): Promise<Generator> {
  const peers = await buildPeers();
  mkdirSync(join(folder, "api", "v1"), { recursive: true });
  for (const name of ["go.mod", "go.sum"]) cpSync(join(GO_MODULE, name), join(folder, name));
  writeFileSync(join(folder, "api", "v1", "group.go"), goGroup);
  for (const kind of KINDS) writeFileSync(join(folder, "api", "v1", `${kind.toLowerCase()}_types.go`), goTypes(kind));
  const outputs = ["crd", "object", "rbac:roleName=manager-role", "paths=./...", "output:crd:artifacts:config=config/crd/bases"];
  return { folder, program: [join(peers, "controller-gen"), ...outputs], derived: ["config", "api/v1/zz_generated.deepcopy.go"] };
}

/** The packages as they are published, in a project as a user has it. */
async function ourProject(folder: string): Promise<Generator> {
  const { runtime, kubescaffold } = buildPackages(join(folder, "packages"));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@kubescaffold"), { recursive: true });
  cpSync(kubescaffold, join(modules, "kubescaffold"), { recursive: true });
  cpSync(runtime, join(modules, "@kubescaffold", "runtime"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!["@kubescaffold", "kubescaffold"].includes(name)) symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  const project = join(folder, "project");
  mkdirSync(project);
  const scaffold = [process.execPath, join(modules, "kubescaffold", "generators", "bin.js")] as const;
  const inside = (...args: string[]): Promise<unknown> => run([...scaffold, ...args], { folder: project });
  await inside("init", "--domain", "example.com", "--project-name", "fleet-operator", "--packages", "registry", "--skip-install");
  symlinkSync(modules, join(project, "node_modules"));
  for (const kind of KINDS) {
    await inside("create", "api", "--group", "fleet", "--version", "v1", "--kind", kind);
    writeFileSync(join(project, "api", "v1", `${kind.toLowerCase()}.types.ts`), ourTypes(kind));
    const controller = join(project, "controllers", `${kind.toLowerCase()}.controller.ts`);
    writeFileSync(controller, readFileSync(controller, "utf8").replace(/\.spec\.foo \?\? ""/, ".spec.title"));
  }
  const classes = KINDS.flatMap((kind) => [`api/v1/${kind.toLowerCase()}.ts`, `api/v1/${kind.toLowerCase()}.schema.ts`]);
  return { folder: project, program: [...scaffold, "generate"], derived: ["config/crd/bases", "config/rbac/role.yaml", ...classes] };
}

async function timed([command, ...args]: Generator["program"], cwd: string): Promise<{ seconds: number; rssPeakMiB: number }> {
  const began = performance.now();
  // /usr/bin/time knows the peak of its child.
  const child = spawn("/usr/bin/time", ["-f", "%M", command, ...args], { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = (performance.now() - began) / 1000;
  if (code !== 0) throw new Error(`${command} ended with ${code ?? "a signal"}: ${errors}`);
  return { seconds, rssPeakMiB: Number(errors.trim().split("\n").at(-1)) / 1024 };
}

function ourTypes(kind: string): string {
  const fields = FIELDS.map(
    ([markers, typescript]) => `  /** What ${kind} has.${markers.map((marker) => `\n   *  @${marker}`).join("")} */\n  ${typescript};`,
  );
  return `import type { Condition, CustomResource, Int32, IntOrString, Quantity } from "@kubescaffold/runtime/api";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IResourceRequirements } from "kubernetes-models/v1/ResourceRequirements";

export interface ${kind}Spec {
${fields.join("\n")}
}
export interface ${kind}Status {
  /** @listType map
   *  @listMapKey type */
  conditions?: Condition[];
}
/** ${kind} is one of six.
 *  @subresource status
 *  @resource scope=Namespaced
 *  @printColumn name=Size type=integer jsonPath=.spec.size */
export interface ${kind} extends CustomResource<${kind}Spec, ${kind}Status> {}
`;
}

const goGroup = `// +kubebuilder:object:generate=true
// +groupName=fleet.example.com
package v1
`;

/** Markers are spelt as controller-gen has them. */
function goTypes(kind: string): string {
  const spelt = (marker: string): string => {
    const [name = "", ...rest] = marker.split(" ");
    const value = rest.join(" ");
    if (name === "default") return `+kubebuilder:default=${value}`;
    if (name === "listType") return `+listType=${value}`;
    return `+kubebuilder:validation:${name.charAt(0).toUpperCase()}${name.slice(1)}=${name === "pattern" ? `\`${value}\`` : value}`;
  };
  const fields = FIELDS.map(
    ([markers, typescript, go]) =>
      `\t// What ${kind} has.\n${[...markers.map(spelt), ...(typescript.includes("?:") ? ["+optional"] : [])].map((marker) => `\t// ${marker}\n`).join("")}\t${go}`,
  );
  return `package v1

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type ${kind}Spec struct {
${fields.join("\n")}
}

type ${kind}Status struct {
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition \`json:"conditions,omitempty"\`
}

// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name=Size,type=integer,JSONPath=.spec.size

// ${kind} is one of six.
type ${kind} struct {
	metav1.TypeMeta   \`json:",inline"\`
	metav1.ObjectMeta \`json:"metadata,omitempty"\`
	Spec              ${kind}Spec   \`json:"spec"\`
	Status            ${kind}Status \`json:"status,omitempty"\`
}

// +kubebuilder:object:root=true

type ${kind}List struct {
	metav1.TypeMeta \`json:",inline"\`
	metav1.ListMeta \`json:"metadata,omitempty"\`
	Items           []${kind} \`json:"items"\`
}
`;
}

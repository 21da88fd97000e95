import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { customResourceDefinition, sampleObject } from "../../generators/emit/index.ts";
import { findCrds, importedArtefacts } from "../../generators/import/index.ts";
import type { Resource } from "../../generators/model/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import { request } from "../../runtime/testing/controlplane/request.ts";
import { compile, messagesOf } from "../generators/emit/compiled.ts";
import { readFleet } from "../generators/emit/fleet.ts";
import { readSpecs } from "../generators/spec/cases.ts";
import { appliedMarkers, markerSource } from "../generators/spec/marker-cases.ts";
import { typeSources } from "../generators/spec/type-cases.ts";
import { probeSource, probeValues } from "../generators/spec/probe.ts";

interface Answer {
  readonly status: number;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
  readonly spec?: unknown;
}

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await ControlPlane.start();
}, 120_000);

afterAll(async () => {
  await cluster.stop();
});

async function post(path: string, object: unknown): Promise<Answer> {
  const { status, body } = await request(await readKubeconfig(cluster.kubeconfig), "POST", path, object);
  // While a kind is not served, the answer is a plain text.
  return body.startsWith("{") ? { ...(JSON.parse(body) as Answer), status } : { status, message: body };
}

/** Creates the CRD, and waits until its kind is served. */
async function create(resource: Resource): Promise<void> {
  const answer = await post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", customResourceDefinition(resource));
  expect([resource.kind, answer.message]).toEqual([resource.kind, undefined]);
}

function pathOf({ group, versions, plural, scope }: Resource): string {
  return `/apis/${group}/${versions[0]?.name ?? ""}${scope === "Namespaced" ? "/namespaces/default" : ""}/${plural}`;
}

/** Tries an object without storing it; while the kind is not served yet, again. */
async function attempt(resource: Resource, object: unknown): Promise<Answer> {
  for (const end = Date.now() + 20_000; ;) {
    const answer = await post(`${pathOf(resource)}?dryRun=All`, object);
    if (answer.status !== 404 || Date.now() > end) return answer;
    await setTimeout(50);
  }
}

/** What the server holds against an object, one line for each cause, sorted; none when it takes it. */
function causes(answer: Answer): string[] {
  if (answer.status === 201) return [];
  expect(answer).toMatchObject({ status: 422 });
  return (answer.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`).sort();
}

test("a project's CRDs and samples are accepted as they are", async () => {
  for (const resource of (await readFleet()).resources) {
    await create(resource);
    for (const version of resource.versions) {
      const answer = await attempt({ ...resource, versions: [version] }, sampleObject(resource, version));
      expect([resource.kind, answer.message]).toEqual([resource.kind, undefined]);
    }
  }
}, 60_000);

test("the CRD of every type and marker is accepted, and its sample both there and by the compiled validator", async () => {
  const markers = Object.entries(appliedMarkers).map(([name, [field]]) => [name, markerSource(field)]);
  const outcomes = await readSpecs({ ...typeSources(), ...(Object.fromEntries(markers) as Record<string, string>) });
  const resources = Object.values(outcomes).flatMap(({ resource }) => resource ?? []);
  expect(resources.length).toBeGreaterThan(90);
  for (const resource of resources) await create(resource);
  for (const resource of resources) {
    const [version] = resource.versions;
    if (version === undefined) continue;
    const sample = sampleObject(resource, version);
    expect([resource.kind, causes(await attempt(resource, sample))]).toEqual([resource.kind, []]);
    expect([resource.kind, compile(resource).errors(sample)]).toEqual([resource.kind, []]);
  }
}, 120_000);

test("a branch of a union of objects needs its own fields, and has no others", async () => {
  const { union } = await readSpecs({
    union: 'interface Spec { from: { type: "file"; path: string } | { type: "url"; url: string; proxy?: string } }',
  });
  if (union.resource === undefined) throw new Error("the union has no resource");
  const resource = { ...union.resource, kind: "Union", listKind: "UnionList", plural: "unions", singular: "union" };
  await create(resource);
  const messages = async (from: unknown): Promise<string[]> =>
    causes(await attempt(resource, { apiVersion: "test.example.com/v1", kind: "Union", metadata: { name: "u" }, spec: { from } }));
  expect(await messages({ type: "file", path: "/" })).toEqual([]);
  expect(await messages({ type: "url", url: "x", proxy: "y" })).toEqual([]);
  expect(await messages({ type: "url" })).toEqual([expect.stringContaining("url must be set when type is url")]);
  expect(await messages({ type: "file", path: "/", proxy: "y" })).toEqual([
    expect.stringContaining("proxy may be set only when type is url"),
  ]);
}, 60_000);

test("built-in types of Kubernetes are accepted in a CRD, and so are the list keys and defaults that come with them", async () => {
  const types = [
    "v1/PodTemplateSpec",
    "v1/EnvVar",
    "v1/ResourceRequirements",
    "v1/Volume",
    "v1/Affinity",
    "v1/ServiceSpec",
    "apps/v1/DeploymentSpec",
    "networking.k8s.io/v1/IngressSpec",
  ];
  const named = types.map((path) => {
    const name = `I${path.slice(path.lastIndexOf("/") + 1)}`;
    return [name, `import type { ${name} } from "kubernetes-models/${path}";\ninterface Spec { one?: ${name}; many?: ${name}[] }`];
  });
  const outcomes = await readSpecs(Object.fromEntries(named) as Record<string, string>);
  for (const [name, { lines, resource }] of Object.entries(outcomes)) {
    expect([name, lines]).toEqual([name, []]);
    if (resource === undefined) throw new Error(`${name} has no resource`);
    const kind = `Builtin${resource.kind}`;
    await create({ ...resource, kind, listKind: `${kind}List`, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase() });
  }
}, 60_000);

test("what was imported is accepted as the foreign CRD was", async () => {
  const { crds } = findCrds(readFileSync(new URL("../generators/import/data/crates.yaml", import.meta.url), "utf8"), "crates.yaml");
  for (const crd of crds) await create(importedArtefacts(crd).resource);
}, 60_000);

describe("the compiled validator and defaulter say what the server says", () => {
  let probe: Resource;

  beforeAll(async () => {
    const { spec } = await readSpecs({ spec: probeSource });
    expect(spec.lines).toEqual([]);
    if (spec.resource === undefined) throw new Error("the probe has no resource");
    probe = { ...spec.resource, kind: "Probe", listKind: "ProbeList", plural: "probes", singular: "probe" };
    await create(probe);
  });

  const object = (spec: unknown): unknown => ({ apiVersion: "test.example.com/v1", kind: "Probe", metadata: { name: "probe" }, spec });

  async function compare(spec: unknown): Promise<void> {
    const compiled = compile(probe);
    const answer = await attempt(probe, object(spec));
    expect({ spec, causes: messagesOf(compiled, object(spec)).sort() }).toEqual({ spec, causes: causes(answer) });
    if (answer.status !== 201) return;
    const completed = structuredClone(object(spec)) as { spec: unknown };
    compiled.applyDefaults(completed);
    // Unknown fields are for the server to drop.
    expect({ spec, completed: withoutNulls(completed.spec) }).toMatchObject({ spec, completed: withoutNulls(answer.spec) });
  }

  test.each(probeValues.map((value) => [value]))("%j", async (value) => {
    await compare(value);
  });

  test("for whatever is sent", async () => {
    const scalar = fc.oneof(
      fc.constantFrom(
        null,
        true,
        false,
        0,
        1,
        2,
        5,
        6,
        10,
        1.5,
        -1,
        2 ** 31,
        2 ** 53,
        "",
        "a",
        "b",
        "aa",
        "A",
        "1Gi",
        "10.0.0.1",
        "2020-01-01T00:00:00Z",
        "c2FtcGxl",
      ),
      fc.string(),
    );
    const value = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 4 }),
      fc.dictionary(fc.constantFrom("a", "b", "name", "value", "x.y"), scalar, { maxKeys: 3 }),
    );
    const names = Object.keys(probe.versions[0]?.schema.properties?.["spec"]?.properties ?? {});
    const spec = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(value, { maxLength: 3 })), { maxKeys: 5 });
    await fc.assert(fc.asyncProperty(spec, compare), { numRuns: 400 });
  }, 60_000);
});

/** The server drops nulls that the schema does not allow; an operator that defaults its own objects need not. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, each]) => (each === null ? [] : [[key, withoutNulls(each)]])));
}

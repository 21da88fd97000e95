import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { customResourceDefinition } from "../../../generators/emit/index.ts";
import type { Resource } from "../../../generators/model/index.ts";
import { isInvalid } from "../../../runtime/client/index.ts";
import type { UnstructuredObject } from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/cluster.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { installCrds } from "../../../runtime/testing/manifests.ts";
import { changes } from "./changes.ts";
import { generations } from "./generations.ts";

const judged = Object.entries(changes).flatMap(([name, change]) =>
  change.sample === undefined ? [] : [{ name, ...change, sample: change.sample }],
);

/** What an API server does with objects of the old schema is what `check api` says, on whatever API server these tests run. */
export function judgedTests(): void {
  let cluster: TestCluster;
  let kinds: Awaited<ReturnType<typeof generations>>;

  beforeAll(async () => {
    kinds = await generations();
    cluster = await startTestCluster();
    await installCrds(
      cluster.client,
      judged.map(({ name }) => crd(resource(name, "before"), "before")),
    );
    for (const { name, sample } of judged) {
      const object = objectOf(name, "stored", sample);
      await eventually(async () => await cluster.client.create(object), { timeout: 20_000 });
    }
    await installCrds(
      cluster.client,
      judged.map(({ name }) => crd(resource(name, "after"), "after")),
    );
    for (const { name } of judged) await eventually(() => isReplaced(name), { timeout: 20_000 });
  }, 600_000);
  afterAll(() => cluster.stop());

  function resource(name: string, side: "before" | "after"): Resource {
    const found = kinds.get(name)?.[side];
    if (found === undefined) throw new Error(`there is no change ${name}`);
    return found;
  }

  function objectOf(change: string, name: string, spec: object): UnstructuredObject {
    const { group, kind } = resource(change, "after");
    return { apiVersion: `${group}/v1`, kind, metadata: { namespace: "default", name }, spec };
  }

  /** Throws while the server still judges by the old schema. */
  async function isReplaced(name: string): Promise<void> {
    const probe = { ...objectOf(name, "probe", {}), generation: "after" };
    const problem = await refusal(cluster.client.dryRun().create(probe));
    if (problem !== undefined && /generation/.test(problem)) throw new Error(problem);
  }

  test.each(judged)("$name: what was valid", async ({ name, sample, outcome }) => {
    if (outcome === "refused") {
      expect(await refusal(cluster.client.dryRun().create(objectOf(name, "new", sample)))).toEqual(expect.any(String));
    } else {
      const read = await cluster.client.live.get(objectOf(name, "stored", {}), { namespace: "default", name: "stored" });
      expect(read?.["spec"]).toEqual(outcome);
    }
  });

  test.each(judged)("$name: stored objects", async ({ name, stored = [] }) => {
    const object = await cluster.client.live.get(objectOf(name, "stored", {}), { namespace: "default", name: "stored" });
    if (object === undefined) throw new Error("it is gone");
    const labelled = { ...object, metadata: { ...object.metadata, labels: { a: "b" } } };
    const extended = { ...object, spec: { ...(object["spec"] as object), other: "x" } };
    const answers: string[] = [];
    for (const changed of [labelled, extended])
      answers.push((await refusal(cluster.client.dryRun().update(changed))) === undefined ? "taken" : "refused");
    expect(answers).toEqual(stored);
  });
}

/** A CRD that tells by a field of its own which generation the server judges by. */
function crd(resource: Resource, side: string): UnstructuredObject {
  const versions = resource.versions.map((version) => ({
    ...version,
    schema: { ...version.schema, properties: { ...version.schema.properties, generation: { type: "string", enum: [side] } as const } },
  }));
  return JSON.parse(JSON.stringify(customResourceDefinition({ ...resource, versions }))) as UnstructuredObject;
}

/** Why the server holds an object invalid; undefined when it takes it. */
async function refusal(written: Promise<unknown>): Promise<string | undefined> {
  try {
    await written;
    return undefined;
  } catch (error) {
    if (isInvalid(error) && error instanceof Error) return error.message;
    throw error;
  }
}

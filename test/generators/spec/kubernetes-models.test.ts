import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { builtinFile } from "../../../generators/spec/builtin/data.ts";
import { builtinResourcesFile } from "../../../generators/spec/builtin/resources.ts";
import { builtinResources } from "../../../generators/spec/builtin/take-resources.ts";
import { structuralSchemas } from "../../../generators/spec/builtin/take.ts";
import { readSpecs } from "./cases.ts";

test("built-in types of kubernetes-models become schemas by their structure", async () => {
  const { spec } = await readSpecs({
    spec: `import type { IContainerPort } from "kubernetes-models/v1/ContainerPort";
import type { IEnvVar } from "kubernetes-models/v1/EnvVar";
import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IResourceRequirements } from "kubernetes-models/v1/ResourceRequirements";
import type { ILabelSelector } from "@kubernetes-models/apimachinery/apis/meta/v1/LabelSelector";
interface Spec { port: IContainerPort; /** Its environment. */ env?: IEnvVar[]; resources?: IResourceRequirements; selector?: ILabelSelector; template?: IPodTemplateSpec }`,
  });
  expect(spec.lines).toEqual([]);
  const properties = spec.spec?.properties ?? {};
  expect(properties["port"]).toMatchObject({
    description: "ContainerPort represents a network port in a single container.",
    properties: { containerPort: { type: "integer" }, protocol: { type: "string", enum: ["SCTP", "TCP", "UDP"] } },
    required: ["containerPort"],
  });
  expect(properties["env"]).toMatchObject({
    type: "array",
    description: "Its environment.",
    items: { type: "object", required: ["name"] },
  });
  expect(properties["resources"]?.properties?.["limits"]).toMatchObject({ additionalProperties: { "x-kubernetes-int-or-string": true } });
  expect(properties["selector"]?.properties?.["matchLabels"]).toMatchObject({ type: "object", additionalProperties: { type: "string" } });
  const pod = properties["template"]?.properties;
  expect(pod?.["metadata"]?.properties?.["creationTimestamp"]).toMatchObject({ type: "string", format: "date-time" });
  expect(
    pod?.["spec"]?.properties?.["containers"]?.items?.properties?.["livenessProbe"]?.properties?.["httpGet"]?.properties?.["port"],
  ).toMatchObject({
    "x-kubernetes-int-or-string": true,
  });
});

test("they have the list keys, formats and defaults that the API server has for them", async () => {
  const { spec } = await readSpecs({
    spec: `import type { IPodTemplateSpec } from "kubernetes-models/v1/PodTemplateSpec";
import type { IPodSpec } from "kubernetes-models/v1/PodSpec";
import type { IEnvVar } from "kubernetes-models/v1/EnvVar";
import type { ILabelSelector } from "@kubernetes-models/apimachinery/apis/meta/v1/LabelSelector";
interface Spec {
  /** What runs. */
  template?: IPodTemplateSpec;
  rest?: Omit<IPodSpec, "containers">;
  /** @listType map
   *  @listMapKey name */
  env?: IEnvVar[];
  selector?: ILabelSelector | null;
}`,
  });
  expect(spec.lines).toEqual([]);
  const { template, rest, env, selector } = spec.spec?.properties ?? {};
  expect(template?.description).toBe("What runs.");
  const pod = template?.properties?.["spec"];
  const containers = pod?.properties?.["containers"];
  expect(containers).toMatchObject({ type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"] });
  expect(containers?.items?.properties?.["ports"]).toMatchObject({
    "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
    items: {
      properties: { containerPort: { type: "integer", format: "int32" }, protocol: { default: "TCP" } },
      required: ["containerPort"],
    },
  });
  expect(pod?.properties?.["imagePullSecrets"]).toMatchObject({
    items: { properties: { name: { type: "string", default: "" } }, "x-kubernetes-map-type": "atomic" },
  });
  expect(rest?.properties?.["imagePullSecrets"]).toMatchObject({ "x-kubernetes-list-map-keys": ["name"] });
  expect(Object.keys(rest?.properties ?? {})).not.toContain("containers");
  expect(rest?.required).toBeUndefined();
  expect(env).toMatchObject({ "x-kubernetes-list-map-keys": ["name"], items: { required: ["name"] } });
  expect(selector).toMatchObject({ nullable: true, "x-kubernetes-map-type": "atomic" });
  expect(JSON.stringify(spec.spec).length).toBeLessThan(256 * 1024);
});

test("the schemas of built-in types are those of the API server that the embedded one was made from", () => {
  const documents = new URL("../../../runtime/testing/embedded/openapi/data/schemas.json.gz", import.meta.url);
  const now = structuralSchemas(JSON.parse(gunzipSync(readFileSync(documents)).toString()) as Record<string, unknown>);
  expect(JSON.parse(gunzipSync(readFileSync(builtinFile)).toString())).toEqual(JSON.parse(JSON.stringify(now)));
});

test("built-in kinds are called in access rules as the API server's discovery calls them", () => {
  const discovery = new URL("../../../runtime/testing/embedded/openapi/data/discovery.json.gz", import.meta.url);
  const now = builtinResources(JSON.parse(gunzipSync(readFileSync(discovery)).toString()) as Parameters<typeof builtinResources>[0]);
  expect(JSON.parse(readFileSync(builtinResourcesFile, "utf8"))).toEqual(now);
});

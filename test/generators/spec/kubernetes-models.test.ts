import { expect, test } from "@jest/globals";
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

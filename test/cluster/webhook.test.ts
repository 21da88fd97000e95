import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { connect, type ApiClient, type Connection } from "../../runtime/client/index.ts";
import { silentLogger, unstructured, type KubernetesObject } from "../../runtime/object/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { eventually } from "../../runtime/testing/eventually.ts";
import { installCrds, readManifests } from "../../runtime/testing/manifests.ts";
import { allowed, denied, fieldError, patched, WebhookServer } from "../../runtime/webhook/index.ts";
import { careful, FrigateKind } from "../runtime/webhook/frigates.ts";
import { HandHeldCertificate, localCertificate } from "../runtime/webhook/serving.ts";

/** What the real API server makes of our answers: it is the judge of them. */
let cluster: ControlPlane;
let connection: Connection;
let client: ApiClient;
let server: WebhookServer;
let caBundle: string;
const warnings: string[] = [];
const CONFIGURED = "example.com/configured";

beforeAll(async () => {
  const pair = await localCertificate();
  caBundle = Buffer.from(pair.cert).toString("base64");
  server = new WebhookServer({ port: 0, host: "127.0.0.1", log: silentLogger, certificates: new HandHeldCertificate(pair) });
  server
    .mutate("/mutate", ConfigMap, {
      default(object, request) {
        ((object.metadata ??= {}).annotations ??= {})["example.com/added"] = "yes";
        request.annotate("mutated", "yes");
        if (request.dryRun) request.warn("a dry run");
      },
    })
    .validate("/validate", ConfigMap, {
      validateCreate({ data, metadata }) {
        if (metadata?.name === "denied") return denied("missing something", { reason: "required labels are not set" });
        return data?.["size"] === "7" ? [fieldError.invalid("data[size]", "7", "must be an even number")] : [];
      },
      validateUpdate: (object, old) =>
        object.data?.["fixed"] === old.data?.["fixed"] ? [] : [fieldError.forbidden("data[fixed]", "field is immutable")],
      validateDelete: ({ metadata }) => (metadata?.name === "kept" ? denied("still needed") : undefined),
    })
    .handle("/replace", {
      // Larger as single operations than as a whole, so that the whole is replaced.
      handle: (request) =>
        request.name === "replaced"
          ? patched(request.object, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "replaced" } })
          : allowed(),
    })
    .convert(FrigateKind, careful);
  await server.start();
  cluster = await ControlPlane.start();
  connection = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "the-test", onWarning: (text) => warnings.push(text) });
  ({ client } = connection);
  await configure();
}, 600_000);
afterAll(async () => {
  connection.close();
  await cluster.stop();
  await server.stop({ grace: 0 });
});

async function configure(): Promise<void> {
  const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE", "DELETE"], resources: ["configmaps"] }];
  const webhook = (name: string, path: string) => ({
    name: `${name}.example.com`,
    rules,
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    clientConfig: { url: `https://127.0.0.1:${server.port ?? 0}${path}`, caBundle },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
    timeoutSeconds: 5,
  });
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: CONFIGURED.replace("/", "-") };
  await client.create({
    apiVersion,
    kind: "MutatingWebhookConfiguration",
    metadata,
    webhooks: [webhook("mutate", "/mutate"), webhook("replace", "/replace")],
  });
  await client.create({ apiVersion, kind: "ValidatingWebhookConfiguration", metadata, webhooks: [webhook("validate", "/validate")] });
  // The API server takes a moment to know of them.
  await eventually(async () => {
    const probe = await client.dryRun().create(configMap("probe", {}));
    expect(probe.metadata.annotations).toBeDefined();
    await expect(client.dryRun().create(configMap("denied", {}))).rejects.toThrow();
  });
}

function configMap(name: string, data: Record<string, string>, metadata: KubernetesObject["metadata"] = {}) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default", ...metadata }, data } as const;
}

test("a patch applies, with its keys escaped", async () => {
  const { metadata } = await client.create(configMap("patched", { own: "1" }, { annotations: { own: "1" } }));
  expect(metadata.annotations).toEqual({ own: "1", "example.com/added": "yes" });
});

test("a replacement of the whole object applies", async () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`key-${index}`, "x"]));
  expect((await client.create(configMap("replaced", many, { labels: many }))).data).toBeUndefined();
});

test("a denial reaches the client with its reason, code and message", async () => {
  await expect(client.create(configMap("denied", {}))).rejects.toMatchObject({
    status: 403,
    reason: "required labels are not set",
    message: expect.stringContaining('admission webhook "validate.example.com" denied the request: missing something') as unknown,
  });
});

test("wrong fields reach the client as those of the API server's own validation", async () => {
  await expect(client.create(configMap("wrong", { size: "7" }))).rejects.toMatchObject({
    status: 422,
    reason: "Invalid",
    details: {
      name: "wrong",
      kind: "ConfigMap",
      causes: [{ field: "data[size]", reason: "FieldValueInvalid", message: 'Invalid value: "7": must be an even number' }],
    },
  });
});

test("updates come with the old object, deletions with the last one", async () => {
  const created = await client.create(configMap("kept", { fixed: "1" }));
  await expect(client.update({ ...created, data: { fixed: "2" } })).rejects.toThrow(
    /ConfigMap "kept" is invalid: data\[fixed\]: Forbidden: field is immutable/,
  );
  await expect(client.delete(ConfigMap, { namespace: "default", name: "kept" })).rejects.toThrow(/still needed/);
});

test("warnings reach the client, and a dry run is known as one", async () => {
  await client.dryRun().create(configMap("dry", {}));
  expect(warnings).toContain("a dry run");
});

test("objects are converted between versions, and back without loss", async () => {
  const [crd] = await readManifests([join(import.meta.dirname, "..", "runtime", "webhook", "data", "frigates.crd.yaml")]);
  const clientConfig = { url: `https://127.0.0.1:${server.port ?? 0}/convert`, caBundle };
  const conversion = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } };
  if (crd === undefined) throw new Error("no CRD");
  await installCrds(client, [{ ...crd, spec: { ...(crd["spec"] as object), conversion } }]);
  const hub = { guns: { count: 38, caliber: "18" }, crew: ["anna", "ben"] };
  await client.create({ apiVersion: "ships.io/v1", kind: "Frigate", metadata: { name: "victoria", namespace: "default" }, spec: hub });
  const Older = unstructured({ apiVersion: "ships.io/v1beta1", kind: "Frigate" });
  const older = await client.get(Older, { namespace: "default", name: "victoria" });
  expect(older?.["spec"]).toEqual({ guns: 38, crew: "anna,ben" });
  await client.patch(Older, { namespace: "default", name: "victoria" }, "merge", { spec: { guns: 40 } });
  const newer = await client.get(unstructured({ apiVersion: "ships.io/v1", kind: "Frigate" }), { namespace: "default", name: "victoria" });
  expect(newer?.["spec"]).toEqual({ ...hub, guns: { count: 40, caliber: "18" } });
  expect(newer?.metadata.annotations).toBeUndefined();
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isConflict, type Client } from "../../../runtime/client/index.ts";
import { unstructured, type KubernetesObject } from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/index.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const Pod = unstructured({ apiVersion: "v1", kind: "Pod" });
const ServiceAccount = unstructured({ apiVersion: "v1", kind: "ServiceAccount" });
const Fleet = unstructured({ apiVersion: "ships.example.com/v1", kind: "Fleet" });

/** A kind of its own, whose `scale` counts ships. */
const FLEETS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: fleets.ships.example.com }
spec:
  group: ships.example.com
  scope: Namespaced
  names: { plural: fleets, kind: Fleet }
  versions:
    - name: v1
      served: true
      storage: true
      subresources: { status: {}, scale: { specReplicasPath: .spec.ships, statusReplicasPath: .status.ships } }
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: { type: object, properties: { ships: { type: integer }, flag: { type: string } } }
            status: { type: object, properties: { ships: { type: integer } } }
`;

let folder: string;
let cluster: TestCluster;
let client: Client;
let namespace: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubescaffold-subresources-"));
  await writeFile(join(folder, "fleets.yaml"), FLEETS);
  cluster = await startTestCluster({ crds: [folder] });
  client = cluster.client;
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  namespace = `sub-${++count}`;
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});

const containers = [{ name: "main", image: "example.com/image:1" }];
const key = () => ({ namespace, name: "a" });

const createDeployment = () => {
  const labels = { app: "a" };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } };
  return client.create({ ...Deployment, metadata: key(), spec } as KubernetesObject);
};
const createPod = () => {
  const pod = { ...Pod, metadata: key(), spec: { automountServiceAccountToken: false, containers } };
  return client.create(pod);
};
const createServiceAccount = () => client.create({ ...ServiceAccount, metadata: { namespace, name: "b" } });

describe("scale", () => {
  test("says how many replicas something has and is to have", async () => {
    const { metadata } = await createDeployment();
    expect(await client.scale.get(Deployment, key())).toMatchObject({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "a", namespace, uid: metadata?.uid },
      spec: { replicas: 1 },
      status: { replicas: 0, selector: "app=a" },
    });
    expect(await client.scale.set(Deployment, key(), 3)).toMatchObject({ spec: { replicas: 3 } });
    expect(await client.get(Deployment, key())).toMatchObject({ spec: { replicas: 3 } });
  });

  test("says 0, too", async () => {
    await createDeployment();
    expect(await client.scale.set(Deployment, key(), 0)).toMatchObject({ spec: { replicas: 0 } });
    expect(await client.scale.get(Deployment, key())).toMatchObject({ spec: { replicas: 0 } });
  });

  test("is not set when the object has changed since it was read", async () => {
    const old = await createDeployment();
    const scaled = await client.scale.set(Deployment, key(), 2);
    const options = { resourceVersion: old.metadata?.resourceVersion ?? "" };
    expect(isConflict(await client.scale.set(Deployment, key(), 5, options).catch((error: unknown) => error))).toBe(true);
    const again = await client.scale.set(Deployment, key(), 5, { resourceVersion: scaled.metadata.resourceVersion ?? "" });
    expect(again.spec.replicas).toBe(5);
  });

  test("is only tried by a dry run", async () => {
    await createDeployment();
    expect(await client.dryRun().scale.set(Deployment, key(), 3)).toMatchObject({ spec: { replicas: 3 } });
    expect(await client.scale.get(Deployment, key())).toMatchObject({ spec: { replicas: 1 } });
  });

  test("of a custom resource is whatever its definition names, and touches nothing else", async () => {
    await client.create({ ...Fleet, metadata: key(), spec: { ships: 1, flag: "red" } } as KubernetesObject);
    expect(await client.scale.set(Fleet, key(), 4)).toMatchObject({ spec: { replicas: 4 }, status: { replicas: 0 } });
    expect(await client.inNamespace(namespace).get(Fleet, { name: "a" })).toMatchObject({ spec: { ships: 4, flag: "red" } });
  });

  test("of what is not there is undefined", async () => {
    expect(await client.scale.get(Deployment, key())).toBeUndefined();
  });

  test("that is below zero is refused, and the field is named", async () => {
    await createDeployment();
    await expect(client.scale.set(Deployment, key(), -1)).rejects.toMatchObject({
      reason: "Invalid",
      causes: [{ reason: "FieldValueInvalid", field: "spec.replicas" }],
    });
  });
});

describe("a subresource that shows an object of another kind", () => {
  test("is updated by that object, which has the name of the one it belongs to", async () => {
    await createDeployment();
    const scale = { apiVersion: "autoscaling/v1", kind: "Scale", spec: { replicas: 4 } };
    expect(await client.subresource("scale").update(Deployment, key(), scale)).toMatchObject({
      metadata: { name: "a" },
      spec: { replicas: 4 },
    });
    expect(await client.get(Deployment, key())).toMatchObject({ spec: { replicas: 4 } });
  });

  test("takes an eviction of a pod", async () => {
    await createServiceAccount();
    await createPod();
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: key() };
    expect(await client.subresource("eviction").create(Pod, key(), eviction)).toMatchObject({ status: "Success" });
    expect(await client.get(Pod, key())).toBeUndefined();
  });

  test("gives a token of a service account", async () => {
    await createServiceAccount();
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
    const answer = await client.subresource("token").create(ServiceAccount, { namespace, name: "b" }, request);
    expect(answer).toMatchObject({ kind: "TokenRequest", status: { token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) } });
  });

  test("binds a pod to a node", async () => {
    await createPod();
    const binding = { apiVersion: "v1", kind: "Binding", metadata: key(), target: { apiVersion: "v1", kind: "Node", name: "worker" } };
    await client.subresource("binding").create(Pod, key(), binding);
    expect(await client.get(Pod, key())).toMatchObject({ spec: { nodeName: "worker" } });
  });
});

describe("a subresource that shows the object itself", () => {
  test("is updated, patched and applied like it, and only its own part is written", async () => {
    const fleet = { ...Fleet, metadata: key(), spec: { ships: 1 } } as KubernetesObject;
    const created = await client.create(fleet);
    const updated = await client.status.update({ ...created, spec: { ships: 9 }, status: { ships: 1 } } as KubernetesObject);
    expect(updated).toMatchObject({ spec: { ships: 1 }, status: { ships: 1 } });
    expect(await client.status.patch(Fleet, key(), "merge", { status: { ships: 2 } })).toMatchObject({ status: { ships: 2 } });
    expect(await client.status.apply({ ...Fleet, metadata: key(), status: { ships: 3 } } as KubernetesObject)).toMatchObject({
      spec: { ships: 1 },
      status: { ships: 3 },
    });
  });

  test("approves a request for a certificate", async () => {
    const Request = unstructured({ apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" });
    const name = `request-${namespace}`;
    const spec = {
      request: Buffer.from(CERTIFICATE_REQUEST).toString("base64"),
      signerName: "example.com/signer",
      usages: ["client auth"],
    };
    const request = await client.create({ ...Request, metadata: { name }, spec } as KubernetesObject);
    const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "by a test" }];
    await client.subresource("approval").update({ ...request, status: { conditions } } as KubernetesObject);
    expect(await client.get(Request, { name })).toMatchObject({ status: { conditions: [{ type: "Approved" }] } });
  });
});

test("a subresource that a kind does not have is an error, and no absence", async () => {
  await client.create({ ...ConfigMap, metadata: key() });
  await expect(client.scale.get(ConfigMap, key())).rejects.toMatchObject({ reason: "NotFound", pathNotFound: true });
});

/** For the name "test", signed with a key that is thrown away. */
const CERTIFICATE_REQUEST = `-----BEGIN CERTIFICATE REQUEST-----
MIHIMHECAQAwDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABECdZypzNhz1NihHb+qtY48YTPnwm69YpATUB8sn1x4lxnbxFy6dDXYnJQEi
TPz36+QCybAvgCa/VFRfoGAw0+6gADAKBggqhkjOPQQDAgNHADBEAiAO71ZWRdQ8
1eCMPn8chxfZ+AWIBYlbRZ9AiJHIlBFUKAIgDUbJXndvioIV5QEhjj0X7i1qanCR
So+9jX6c3tLIFuY=
-----END CERTIFICATE REQUEST-----
`;

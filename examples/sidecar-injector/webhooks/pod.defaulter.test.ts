// yours: tests the injection as an API server asks for it; with KUBESCAFFOLD_TEST_CLUSTER=controlplane a real one.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Pod, type IPod } from "kubernetes-models/v1/Pod";
import { connect, Manager, silentLogger, type Connection } from "@kubescaffold/runtime";
import {
  eventually,
  operatorKubeconfig,
  readManifests,
  startTestCluster,
  testWebhooks,
  type TestCluster,
  type TestWebhooks,
} from "@kubescaffold/runtime/testing";
import { readTemplate, fromConfigMap, TEMPLATE, Templates } from "./template.ts";
import { injectText } from "./manifests.ts";
import { PodDefaulter } from "./pod.defaulter.ts";
import { readYaml, writeYaml } from "./yaml.ts";

const STATUS = "sidecar-injector.example.com/status";
const MANIFEST = "config/manager/template.yaml";

let cluster: TestCluster;
let manager: Manager;
let webhooks: TestWebhooks;
let connection: Connection;
let text: string;
const warnings: string[] = [];
/** The Pods that the webhook of labelled namespaces was asked about. */
const asked: (string | undefined)[] = [];
let count = 0;

beforeAll(async () => {
  cluster = await startTestCluster({ workloads: true });
  const namespaces = { labelled: "enabled", unlabelled: undefined, off: "disabled", other: "perhaps" };
  for (const [name, label] of Object.entries(namespaces)) {
    const labels: Record<string, string> = label === undefined ? {} : { "sidecar-injector": label };
    await cluster.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
  }
  webhooks = await testWebhooks();
  manager = await Manager.create({ kubeconfig: await operatorKubeconfig(cluster), webhook: webhooks.settings, log: silentLogger });
  const [template] = await readManifests([MANIFEST]);
  if (template === undefined) throw new Error(`there is nothing in ${MANIFEST}`);
  text = (template["data"] as Record<string, string>)["template.yaml"] ?? "";
  // Where kustomize puts it.
  await cluster.client.apply({ ...template, metadata: TEMPLATE });

  manager.cache(ConfigMap, { namespaces: [TEMPLATE.namespace], fieldSelector: `metadata.name=${TEMPLATE.name}` });
  const templates = new Templates(fromConfigMap(manager.client), silentLogger);
  manager
    .webhook(Pod, { mutate: "/mutate" })
    .defaultWith(new PodDefaulter(templates, { byDefault: true }))
    .defaultWith({ default: ({ metadata }) => void asked.push(metadata?.name) });
  manager.webhook(Pod, { mutate: "/mutate-annotated" }).defaultWith(new PodDefaulter(templates, { byDefault: false }));
  // Stands for somebody else's, which is asked after the injector.
  manager
    .webhook(Pod, { mutate: "/later" })
    .defaultWith({ default: ({ spec }) => void spec?.containers.push({ name: "late", image: "late:1" }) });
  await manager.start();
  await webhooks.install(cluster, manager);
  connection = await connect({ kubeconfig: cluster.kubeconfig, onWarning: (warning) => warnings.push(warning) });
});

afterAll(async () => {
  connection.close();
  await manager.stop();
  await cluster.stop();
});

type Spec = NonNullable<IPod["spec"]>;

function pod(metadata: IPod["metadata"] = {}, spec: Partial<Spec> = {}): IPod & { apiVersion: "v1"; kind: "Pod" } {
  const named = metadata.generateName === undefined ? { name: `app-${++count}` } : {};
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "labelled", ...named, ...metadata },
    spec: { containers: [{ name: "app", image: "app:1" }], ...spec },
  };
}

const created = (object: IPod & { apiVersion: "v1"; kind: "Pod" }): Promise<IPod> => connection.client.create(object);
const names = (list: readonly { name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name);

/** The names of what is in a Pod, but for volumes that the API server adds. */
function contentOf({ metadata, spec }: IPod) {
  return {
    containers: names(spec?.containers),
    initContainers: names(spec?.initContainers),
    volumes: names(spec?.volumes).filter((name) => !name.startsWith("kube-api-access")),
    status: metadata?.annotations?.[STATUS],
  };
}

const INJECTED = { containers: ["app", "sidecar"], initContainers: ["sidecar-init"], volumes: ["sidecar-data"], status: "injected" };
const UNTOUCHED = { containers: ["app"], initContainers: [], volumes: [], status: undefined };

describe("the sidecar comes into", () => {
  test("a Pod of a namespace with the label, all of it as the template says", async () => {
    const stored = await created(pod());
    expect(contentOf(stored)).toEqual(INJECTED);
    const template = readTemplate(text);
    expect(stored.spec?.containers[1]).toMatchObject(template.containers[0] ?? {});
    expect(stored.spec?.initContainers?.[0]).toMatchObject(template.initContainers[0] ?? {});
    expect(stored.spec?.volumes).toContainEqual(template.volumes[0]);
  });

  test.each(["true", "True", "yes", "Y", "on"])("a Pod of another namespace that says inject: %s", async (yes) => {
    for (const namespace of ["unlabelled", "other"]) {
      const stored = await created(pod({ namespace, annotations: { inject: yes, "example.com/other": "kept" } }));
      expect(contentOf(stored)).toEqual(INJECTED);
      expect(stored.metadata?.annotations).toEqual({ inject: yes, "example.com/other": "kept", [STATUS]: "injected" });
    }
  });

  test("a Pod whose name is made by the API server", async () => {
    const stored = await created(pod({ generateName: "app-" }));
    expect(contentOf(stored)).toEqual(INJECTED);
    expect(stored.metadata?.name).toMatch(/^app-./);
  });

  test("the Pods of a Deployment", async () => {
    const labels = { app: "web" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "app:1" }] } };
    const metadata = { namespace: "labelled", name: "web" };
    await connection.client.create(new Deployment({ metadata, spec: { replicas: 2, selector: { matchLabels: labels }, template } }));
    const pods = await eventually(async () => {
      const found = await connection.client.list(Pod, { namespace: "labelled", labelSelector: "app=web" });
      expect(found).toHaveLength(2);
      return found;
    });
    for (const each of pods) expect(contentOf(each)).toEqual(INJECTED);
    expect((await connection.client.get(Deployment, metadata))?.spec?.template.spec?.containers).toHaveLength(1);
  });
});

describe("nothing comes into", () => {
  test.each(["false", "False", "no", "N", "off"])("a Pod that says inject: %s", async (no) => {
    for (const namespace of ["labelled", "unlabelled"])
      expect(contentOf(await created(pod({ namespace, annotations: { inject: no } })))).toEqual(UNTOUCHED);
  });

  test("a Pod without the annotation in a namespace without the label", async () => {
    for (const namespace of ["unlabelled", "other", "off", "default"])
      expect(contentOf(await created(pod({ namespace })))).toEqual(UNTOUCHED);
  });

  test("a Pod of a namespace that is labelled to be left alone, whatever it says", async () => {
    expect(contentOf(await created(pod({ namespace: "off", annotations: { inject: "true" } })))).toEqual(UNTOUCHED);
  });

  test("a static pod", async () => {
    const annotations = { "kubernetes.io/config.mirror": "7", inject: "true" };
    expect(contentOf(await created(pod({ annotations }, { nodeName: "node-1" })))).toEqual(UNTOUCHED);
  });

  test("a Pod that is not right without it", async () => {
    await expect(created(pod({}, { containers: [] }))).rejects.toThrow("spec.containers: Required value");
  });
});

describe("a Pod that has something already:", () => {
  test("one that has been injected stays as it is", async () => {
    const first = await created(pod());
    const { containers, initContainers = [], volumes = [] } = first.spec ?? { containers: [] };
    const again = pod({ annotations: { [STATUS]: "Injected" } }, { containers, initContainers, volumes });
    const stored = await created(again);
    expect(contentOf(stored)).toEqual({ ...INJECTED, status: "Injected" });
  });

  test("one that was injected by an older template is not injected by this one", async () => {
    const stored = await created(pod({ annotations: { [STATUS]: "injected" } }));
    expect(contentOf(stored)).toEqual({ ...UNTOUCHED, status: "injected" });
  });

  test("others' containers and volumes stay, and come first", async () => {
    const stored = await created(
      pod({}, { initContainers: [{ name: "first", image: "first:1" }], volumes: [{ name: "data", emptyDir: {} }] }),
    );
    expect(contentOf(stored)).toEqual({ ...INJECTED, initContainers: ["first", "sidecar-init"], volumes: ["data", "sidecar-data"] });
  });

  test("by the name of the sidecar's it is kept, and its author is told", async () => {
    warnings.length = 0;
    const stored = await created(
      pod(
        {},
        {
          containers: [
            { name: "app", image: "app:1" },
            { name: "sidecar", image: "mine:1" },
          ],
          volumes: [{ name: "sidecar-data", hostPath: { path: "/data" } }],
        },
      ),
    );
    expect(contentOf(stored)).toEqual(INJECTED);
    expect(stored.spec?.containers[1]?.image).toBe("mine:1");
    expect(stored.spec?.volumes).toContainEqual({ name: "sidecar-data", hostPath: { path: "/data", type: "" } });
    expect(warnings).toEqual([
      "the container sidecar is kept as it is, in place of the sidecar's",
      "the volume sidecar-data is kept as it is, in place of the sidecar's",
    ]);
  });

  test("an init container by the name of the sidecar's container is no reason to be refused", async () => {
    const stored = await created(pod({}, { initContainers: [{ name: "sidecar", image: "mine:1" }] }));
    expect(contentOf(stored)).toEqual({ ...INJECTED, containers: ["app"], initContainers: ["sidecar", "sidecar-init"] });
  });

  test("an annotation that says neither is as none, and its author is told", async () => {
    warnings.length = 0;
    expect(contentOf(await created(pod({ annotations: { inject: "maybe" } })))).toEqual(INJECTED);
    expect(contentOf(await created(pod({ namespace: "unlabelled", annotations: { inject: "" } })))).toEqual(UNTOUCHED);
    expect(warnings).toEqual(["maybe", ""].map((value) => `the annotation inject is neither true nor false: "${value}"`));
  });
});

test("asked again after another webhook, it adds nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidecar-injector-"));
  const file = join(folder, "later.yaml");
  const later = {
    name: "later.example.com",
    clientConfig: { service: { path: "/later" } },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    objectSelector: { matchLabels: { late: "yes" } },
    ...{ sideEffects: "None", admissionReviewVersions: ["v1"] },
  };
  const configuration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "z-later" },
  };
  await writeFile(file, JSON.stringify({ ...configuration, webhooks: [later] }));
  await webhooks.install(cluster, manager, [file]);
  await rm(folder, { recursive: true });
  // The API server may not have seen the configuration yet.
  await eventually(async () => {
    const stored = await created(pod({ labels: { late: "yes" } }));
    expect(contentOf(stored)).toEqual({ ...INJECTED, containers: ["app", "sidecar", "late"] });
    expect(asked.filter((name) => name === stored.metadata?.name)).toHaveLength(2);
  });
});

describe("what inject prints", () => {
  const objects: [string, Parameters<typeof pod>][] = [
    ["a plain Pod", []],
    ["a Pod that asks", [{ annotations: { inject: "true" } }]],
    ["a Pod that wants none", [{ annotations: { inject: "false" } }]],
    ["a Pod with a container by the same name", [{}, { containers: [{ name: "sidecar", image: "mine:1" }] }]],
    ["a Pod whose name is made by the API server", [{ generateName: "app-" }]],
  ];

  test.each(objects)("of %s is what the webhook makes of it", async (_what, args) => {
    for (const [namespace, byDefault] of [
      ["labelled", true],
      ["unlabelled", false],
    ] as const) {
      const [metadata, spec] = args;
      const given = pod({ ...metadata, namespace }, spec);
      const printed = injectText(writeYaml(given), readTemplate(text), byDefault);
      const [document] = readYaml(printed.text);
      const injected = document?.value as typeof given;
      const [byWebhook, byHand] = [
        await created(given),
        await created(
          given.metadata?.generateName ? injected : { ...injected, metadata: { ...injected.metadata, name: `app-${++count}` } },
        ),
      ];
      expect(comparable(byHand)).toEqual(comparable(byWebhook));
    }
  });

  /** Without the names that the API server gives. */
  function comparable({ metadata, spec }: IPod): unknown {
    const json = JSON.stringify({ annotations: metadata?.annotations, spec });
    return JSON.parse(json.replaceAll(/kube-api-access-\w+/g, "kube-api-access"));
  }
});

describe("the template", () => {
  const key = { namespace: TEMPLATE.namespace, name: TEMPLATE.name };
  const change = (data: string) => cluster.client.patch(ConfigMap, key, "merge", { data: { "template.yaml": data } });
  const containers = async () => contentOf(await created(pod())).containers;

  test("is followed as it changes; while it is wrong or gone, the one before it stays", async () => {
    await change("containers: [{ name: second, image: second:1 }]");
    await eventually(async () => {
      expect(await containers()).toEqual(["app", "second"]);
    });
    await change("containers: none");
    // A change that the manager sees in order: when it has seen this one, it has seen the wrong one before it.
    await eventually(async () => {
      expect((await manager.client.get(ConfigMap, key))?.data?.["template.yaml"]).toBe("containers: none");
    });
    expect(await containers()).toEqual(["app", "second"]);
    await cluster.client.delete(ConfigMap, key);
    await eventually(async () => {
      expect(await manager.client.get(ConfigMap, key)).toBeUndefined();
    });
    expect(await containers()).toEqual(["app", "second"]);
    await cluster.client.create(new ConfigMap({ metadata: key, data: { "template.yaml": text } }));
    await eventually(async () => {
      expect(await containers()).toEqual(["app", "sidecar"]);
    });
  });
});

// Subject of `bench.py converge`: node --max-semi-space-size=1 bare-node/operator.mjs
import { Store, call, watch } from "./kube.mjs";

const memcacheds = new Store(),
  deployments = new Store();
const queue = new Set(),
  running = new Set(),
  done = new Map(); // done: what this process wrote and may not have seen yet
let synced = false;

function pump() {
  if (!synced) return;
  for (const key of queue) {
    if (running.size >= 16) return;
    if (running.has(key)) continue;
    queue.delete(key);
    running.add(key);
    reconcile(key).finally(() => {
      running.delete(key);
      pump();
    });
  }
}

async function reconcile(key) {
  const memcached = memcacheds.get(key);
  if (!memcached) return void done.delete(key);
  const { name, namespace, uid } = memcached.metadata;
  const wrote = done.get(key) ?? {};
  done.set(key, wrote);
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const replicas = deployments.get(key)?.spec.replicas ?? wrote.replicas;
  if (replicas === undefined) {
    await call("POST", path, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        name,
        namespace,
        ownerReferences: [
          { apiVersion: memcached.apiVersion, kind: memcached.kind, name, uid, controller: true, blockOwnerDeletion: true },
        ],
      },
      spec: {
        replicas: memcached.spec.size,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: "memcached", image: "memcached:1.6", ports: [{ containerPort: 11211 }] }] },
        },
      },
    });
    wrote.replicas = memcached.spec.size;
  } else if (replicas !== memcached.spec.size) {
    await call("PATCH", `${path}/${name}`, { spec: { replicas: memcached.spec.size } }, "application/merge-patch+json");
  }
  if (memcached.status?.conditions?.[0]?.status !== "True" && !wrote.status) {
    const lastTransitionTime = new Date().toISOString().slice(0, 19) + "Z";
    const status = {
      conditions: [{ type: "Available", status: "True", reason: "Reconciling", message: "Deployment exists", lastTransitionTime }],
    };
    await call(
      "PATCH",
      `/apis/cache.example.com/v1alpha1/namespaces/${namespace}/memcacheds/${name}/status`,
      { status },
      "application/merge-patch+json",
    );
    wrote.status = true;
  }
}

const into = (store) => (key, object, type) => {
  if (type === "DELETED") store.delete(key);
  else store.set(key, object);
  queue.add(key);
  pump();
};
process.on("SIGTERM", () => process.exit(0));
await Promise.all([
  watch("/apis/cache.example.com/v1alpha1/memcacheds", into(memcacheds)),
  watch("/apis/apps/v1/deployments", into(deployments)),
]);
synced = true;
console.log("READY");
pump();

/** The operator's pod is killed before and after each write of a reconcile. Nothing is lost, and nothing is done twice. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Pod } from "kubernetes-models/v1/Pod";
import { openSuite } from "../kind/suite.ts";
import {
  available,
  buildProject,
  configure,
  memcached,
  operator,
  operatorPods,
  podsOf,
  soon,
  type Project,
} from "../memcached/operator.ts";

const { client, cluster, kubectl, namespace } = await openSuite("killed");
let project: Project;

/**
 * Runs in the operator before its program. Its pod stands still before or after the n-th write for a Memcached that is called
 * `SUFFIX-before-n` or `SUFFIX-after-n`, SUFFIX being what the pod's name ends with: the pod that takes its place does not.
 */
const faultPoints = /* js */ `
import https from "node:https";
import { hostname } from "node:os";
import { writeSync } from "node:fs";
const mine = new RegExp(hostname().split("-").at(-1) + "-(before|after)-(\\\\d+)");
const request = https.request;
const writes = new Map();
const stand = (name) => {
  writeSync(2, "standing still at " + name + "\\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
https.request = (options, onResponse) => {
  let after;
  const outgoing = request(options, (response) => {
    if (after !== undefined) stand(after);
    onResponse(response);
  });
  const end = outgoing.end.bind(outgoing);
  outgoing.end = (body, ...more) => {
    const [name, when, which] = mine.exec(options.path + String(body ?? "")) ?? [];
    if (name !== undefined && options.method !== "GET" && !/\\/events(\\/|\\?|$)/.test(options.path)) {
      writes.set(name, (writes.get(name) ?? 0) + 1);
      if (writes.get(name) === Number(which)) {
        if (when === "before") stand(name);
        else after = name;
      }
    }
    return end(body, ...more);
  };
  return outgoing;
};
`;

beforeAll(async () => {
  project = await buildProject(cluster);
  await project.run("deploy");
  const deployed = await client.get(Deployment, operator);
  const [manager] = deployed?.spec?.template.spec?.containers ?? [];
  // A pod that is killed leaves its lease behind, which the next would wait for each time.
  const args = manager?.args?.filter((arg) => arg !== "--leader-elect") ?? [];
  await client.patch(Deployment, operator, "strategic", { spec: { template: { spec: { containers: [{ name: "manager", args }] } } } });
  await configure(client, "NODE_OPTIONS", `--import=data:text/javascript;base64,${Buffer.from(faultPoints).toString("base64")}`);
}, 300_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
}, 60_000);

test.each(["before", "after"])(
  "killed %s a write, whichever it is",
  async (when) => {
    let write = 1;
    while (await killedAt(when, write)) write++;
    expect(write).toBeGreaterThan(3);
  },
  240_000,
);

/** False when a reconcile has fewer writes. */
async function killedAt(when: string, write: number): Promise<boolean> {
  const pod = (await operatorPods(client))[0]?.metadata?.name ?? "";
  const key = { namespace, name: `${pod.split("-").at(-1) ?? ""}-${when}-${write}` };
  await client.create(memcached(namespace, key.name, 1));
  const stands = async (): Promise<boolean> =>
    (await kubectl(["logs", "--namespace", operator.namespace, pod])).includes(`standing still at ${key.name}`);
  const stood = await soon(async () => (await stands()) || (await available(client, key, 1, 0), false));
  if (stood) await client.delete(Pod, { namespace: operator.namespace, name: pod }, { gracePeriodSeconds: 0 });
  const { metadata } = await available(client, key, 1);
  expect(metadata?.generation).toBe(1);
  expect(await podsOf(client, key)).toHaveLength(1);
  return stood;
}

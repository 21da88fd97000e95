/**
 * Defaults of pods, and of the pod templates in everything that makes pods.
 */
import type { JsonObject } from "../../../../schema/index.ts";
import { numberAt, objectAt, omit, stringAt } from "../../../../schema/index.ts";
import { at, each, fill, fillEmpty, isEmpty, within } from "./fields.ts";

const probeDefaults = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
const fileMode = 0o644;

/** Defaults of a `PodSpec`, in place. */
function defaultPodSpec(spec: JsonObject): void {
  fillEmpty(spec, { dnsPolicy: "ClusterFirst", restartPolicy: "Always", schedulerName: "default-scheduler" });
  fill(spec, { securityContext: {}, terminationGracePeriodSeconds: 30 });
  mirrorServiceAccount(spec);
  for (const container of containersOf(spec)) defaultContainer(container);
  if (spec["hostNetwork"] === true) for (const container of containersOf(spec)) defaultHostPorts(container);
  for (const volume of each(spec, "volumes")) defaultVolume(volume);
}

/** All containers of a pod: ordinary, init, ephemeral. */
function containersOf(spec: JsonObject): JsonObject[] {
  return [...each(spec, "initContainers"), ...each(spec, "containers"), ...each(spec, "ephemeralContainers")];
}

/** The old name of the field is written too. */
function mirrorServiceAccount(spec: JsonObject): void {
  const name = stringAt(spec, "serviceAccountName") ?? stringAt(spec, "serviceAccount");
  if (name !== undefined && name !== "") Object.assign(spec, { serviceAccountName: name, serviceAccount: name });
}

function defaultContainer(container: JsonObject): void {
  fillEmpty(container, {
    imagePullPolicy: isFloating(stringAt(container, "image") ?? "") ? "Always" : "IfNotPresent",
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  });
  for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"]) at(container, [probe], defaultProbe);
  for (const hook of ["postStart", "preStop"]) at(container, ["lifecycle", hook, "httpGet"], defaultHttpGet);
  for (const variable of each(container, "env")) {
    at(variable, ["valueFrom", "fieldRef"], (reference) => fillEmpty(reference, { apiVersion: "v1" }));
    at(variable, ["valueFrom", "fileKeyRef"], (reference) => fill(reference, { optional: false }));
  }
}

/** True for images without a fixed version: no tag, or `latest`, and no digest. */
function isFloating(image: string): boolean {
  if (image.includes("@") || /\s/.test(image)) return false;
  const tag = /:([^/:]*)$/.exec(image)?.[1];
  return tag === undefined || tag === "latest";
}

function defaultProbe(probe: JsonObject): void {
  fillEmpty(probe, probeDefaults);
  at(probe, ["httpGet"], defaultHttpGet);
  at(probe, ["grpc"], (grpc) => fill(grpc, { service: "" }));
}

function defaultHttpGet(action: JsonObject): void {
  fillEmpty(action, { path: "/", scheme: "HTTP" });
}

function defaultHostPorts(container: JsonObject): void {
  for (const port of each(container, "ports")) fillEmpty(port, { hostPort: numberAt(port, "containerPort") ?? 0 });
}

function defaultVolume(volume: JsonObject): void {
  if (Object.keys(omit(volume, "name")).length === 0) volume["emptyDir"] = {};
  for (const source of ["secret", "configMap", "downwardAPI", "projected"])
    at(volume, [source], (object) => fill(object, { defaultMode: fileMode }));
  at(volume, ["hostPath"], (object) => fill(object, { type: "" }));
  at(volume, ["iscsi"], (object) => fillEmpty(object, { iscsiInterface: "default" }));
  at(volume, ["rbd"], (object) => fillEmpty(object, { pool: "rbd", user: "admin", keyring: "/etc/ceph/keyring" }));
  at(volume, ["azureDisk"], (object) => fill(object, { cachingMode: "ReadWrite", kind: "Shared", fsType: "ext4", readOnly: false }));
  at(volume, ["scaleIO"], (object) => fillEmpty(object, { storageMode: "ThinProvisioned", fsType: "xfs" }));
  at(volume, ["ephemeral", "volumeClaimTemplate", "spec"], (spec) => fill(spec, { volumeMode: "Filesystem" }));
  at(volume, ["image"], (image) =>
    fillEmpty(image, { pullPolicy: isFloating(stringAt(image, "reference") ?? "") ? "Always" : "IfNotPresent" }),
  );
  for (const item of each(volume, "downwardAPI", "items"))
    at(item, ["fieldRef"], (reference) => fillEmpty(reference, { apiVersion: "v1" }));
  for (const source of each(volume, "projected", "sources")) {
    at(source, ["serviceAccountToken"], (token) => fill(token, { expirationSeconds: 3600 }));
    for (const item of each(source, "downwardAPI", "items"))
      at(item, ["fieldRef"], (reference) => fillEmpty(reference, { apiVersion: "v1" }));
  }
}

/** Defaults of a pod template, in place. */
export function defaultTemplate(template: JsonObject | undefined): void {
  const spec = objectAt(template, "spec");
  if (spec) defaultPodSpec(spec);
}

/** Defaults of a Pod that its spec alone does not tell, in place. */
export function defaultPod(pod: JsonObject): void {
  const spec = objectAt(pod, "spec");
  if (!spec) return;
  fill(spec, { enableServiceLinks: true });
  for (const container of [...each(spec, "containers"), ...each(spec, "initContainers")]) defaultRequests(container);
  defaultPodSpec(spec);
}

/** What has a limit and no request requests its limit. */
function defaultRequests(container: JsonObject): void {
  const limits = objectAt(container, "resources", "limits");
  if (!limits) return;
  const requests = within(within(container, "resources"), "requests");
  for (const [name, quantity] of Object.entries(limits))
    if (requests[name] === undefined && quantity !== undefined) requests[name] = quantity;
}

/** The quality of service class of a pod: what it requests against its limits, of cpu and memory. */
export function qualityOfService(spec: JsonObject): string {
  const resources = ["cpu", "memory"];
  let any = false;
  let guaranteed = true;
  for (const container of [...each(spec, "containers"), ...each(spec, "initContainers")]) {
    const requests = objectAt(container, "resources", "requests") ?? {};
    const limits = objectAt(container, "resources", "limits") ?? {};
    for (const name of resources) {
      const [request, limit] = [requests[name], limits[name]];
      const set = !isEmpty(request) && request !== "0";
      const limited = !isEmpty(limit) && limit !== "0";
      if (set || limited) any = true;
      if (!limited || (set && request !== limit)) guaranteed = false;
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

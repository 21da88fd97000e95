import { groupOf, isRecord, sameJson, sameQuantity } from "../object/index.ts";

/**
 * What kube-apiserver makes of built-in kinds on their way into storage, as far as it concerns values that operators apply: quantities in
 * their canonical form, and defaults inside values that server-side apply owns as a whole, where no list of fields tells ours from the server's.
 * Kinds of CRDs are stored as they are applied. Durations are not here: no built-in kind holds any that the server would write anew.
 */

/** The groups of kube-apiserver itself whose objects operators apply. `apiextensions.k8s.io` is left out: a schema may hold anything. */
const BUILT_IN = new Set([
  "", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "discovery.k8s.io",
  "admissionregistration.k8s.io", "scheduling.k8s.io", "node.k8s.io", "coordination.k8s.io",
]); // prettier-ignore

/** Fields that hold maps of quantities, by the field that holds them. */
const QUANTITY_MAPS: Readonly<Record<string, readonly string[]>> = {
  resources: ["limits", "requests"],
  spec: ["capacity", "hard", "overhead"],
  status: ["capacity", "allocatable", "hard", "used"],
  overhead: ["podFixed"],
  limits: ["default", "defaultRequest", "max", "maxLimitRequestRatio", "min"],
};

/** Fields that are quantities, by the field that holds them. Maps with keys of the user's choice hold texts only, so no such pair is in one. */
const QUANTITIES: Readonly<Record<string, readonly string[]>> = {
  emptyDir: ["sizeLimit"],
  resourceFieldRef: ["divisor"],
  target: ["averageValue", "value"],
};

/** What the server fills in, by the field whose value, or list of values, lacks it. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  fieldRef: { apiVersion: "v1" },
  resourceFieldRef: { divisor: "0" },
  serviceAccountToken: { expirationSeconds: 3600 },
  ports: { protocol: "TCP", name: "" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io" },
  subjects: { apiGroup: "rbac.authorization.k8s.io" },
  rules: { scope: "*" },
  volumeClaimTemplates: { apiVersion: "v1", kind: "PersistentVolumeClaim", status: { phase: "Pending" } },
  spec: { volumeMode: "Filesystem" },
};

/** The names of the fields on the way to a value; the items of a list have the list's. */
export type FieldPath = readonly string[];

/** Compares a value that is wanted with one that the server stores. */
export type Comparison = (wanted: unknown, stored: unknown, path: FieldPath) => boolean;

/** How values of this apiVersion are compared. */
export function comparisonFor(apiVersion: string): Comparison {
  return BUILT_IN.has(groupOf(apiVersion)) ? sameStored : sameJson;
}

/** True when storing `wanted` gives `stored`. */
const sameStored: Comparison = (wanted, stored, path) => {
  if (wanted === stored) return true;
  if (Array.isArray(wanted)) {
    return Array.isArray(stored) && wanted.length === stored.length && wanted.every((item, index) => sameStored(item, stored[index], path));
  }
  if (!isRecord(wanted)) return isScalar(wanted) && isScalar(stored) && isQuantity(path) && sameQuantity(wanted, stored);
  if (!isRecord(stored) || Array.isArray(stored)) return false;
  const isSame = Object.keys(wanted).every(
    (name) => Object.hasOwn(stored, name) && sameStored(wanted[name], stored[name], [...path, name]),
  );
  const defaults = DEFAULTS[path.at(-1) ?? ""] ?? {};
  const isFilledIn = (name: string) => Object.hasOwn(defaults, name) && sameJson(defaults[name], stored[name]);
  return isSame && Object.keys(stored).every((name) => Object.hasOwn(wanted, name) || isFilledIn(name));
};

function isQuantity(path: FieldPath): boolean {
  const [holder = "", map = "", last = ""] = path.length < 3 ? ["", ...path.slice(-2)] : path.slice(-3);
  return (QUANTITIES[map]?.includes(last) ?? false) || (QUANTITY_MAPS[holder]?.includes(map) ?? false);
}

function isScalar(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

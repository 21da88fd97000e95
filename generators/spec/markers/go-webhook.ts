import { webhookWords, type WebhookSort } from "../../model/index.ts";
import { isMap } from "../fields.ts";
import { parseLiteral } from "../literals.ts";
import { nearest } from "./arguments.ts";

/** The argument names of controller-gen's `+kubebuilder:webhook`, and what they are here. */
const goKeys: Readonly<Record<string, string>> = {
  failurePolicy: "failurePolicy",
  matchPolicy: "matchPolicy",
  sideEffects: "sideEffects",
  timeoutSeconds: "timeoutSeconds",
  groups: "group",
  resources: "resources",
  verbs: "operations",
  versions: "version",
  name: "name",
  serviceName: "serviceName",
  serviceNamespace: "serviceNamespace",
  path: "path",
  servicePort: "servicePort",
  admissionReviewVersions: "admissionReviewVersions",
  reinvocationPolicy: "reinvocationPolicy",
  url: "url",
  patch: "patch",
};
const goRequired = [
  "mutating",
  "failurePolicy",
  "sideEffects",
  "groups",
  "resources",
  "verbs",
  "versions",
  "name",
  "admissionReviewVersions",
];

type GoResult = { readonly text: string } | { readonly problem: string; readonly instead: string };

/** The text of `@webhook` that says what `+kubebuilder:webhook` with these arguments does. controller-gen does not look at the case of words. */
export function goWebhook(found: ReadonlyMap<string, string>): GoResult {
  const known = [...Object.keys(goKeys), "mutating", "webhookVersions"];
  const odd = [...found.keys()].find((key) => !known.includes(key));
  if (odd !== undefined) return { problem: `it has no ${odd}`, instead: `write ${nearest(odd, known) ?? `one of ${known.join(", ")}`}` };
  const missing = goRequired.find((key) => !found.has(key));
  if (missing !== undefined) return { problem: `it needs ${missing}`, instead: `write ${missing}=…` };
  const sort = goSort(found.get("mutating") ?? "");
  if (typeof sort !== "string") return sort;
  const version = (found.get("webhookVersions") ?? "v1").split(";").find((each) => each !== "v1");
  if (version !== undefined)
    return { problem: `there are no webhook configurations of ${version} any more`, instead: "write webhookVersions=v1, or leave it out" };
  const isElsewhere = (found.get("url") ?? "") !== "";
  const parts = Object.entries(goKeys).flatMap(([key, own]) => {
    const value = found.get(key);
    if (value === undefined || (key === "timeoutSeconds" && value === "0")) return [];
    if (isElsewhere && key.startsWith("service")) return [];
    // What only mutating webhooks have says nothing for others; an empty text is as good as none.
    if ((key === "reinvocationPolicy" && sort === "validating") || (value === "" && !goRequired.includes(key))) return [];
    return [`${own}=${key === "patch" && isMap(parseLiteral(value)?.value) ? value : JSON.stringify(inCase(own, value))}`];
  });
  return { text: `${sort} ${parts.join(" ")}` };
}

export function goConfiguration(found: ReadonlyMap<string, string>): GoResult {
  const odd = [...found.keys()].find((key) => key !== "mutating" && key !== "name");
  if (odd !== undefined)
    return { problem: `it has no ${odd}`, instead: `write ${nearest(odd, ["mutating", "name"]) ?? "mutating or name"}` };
  const sort = goSort(found.get("mutating") ?? "");
  if (typeof sort !== "string") return sort;
  const name = found.get("name") ?? "";
  return { text: `${sort}${name === "" ? "" : ` name=${JSON.stringify(name)}`}` };
}

function goSort(mutating: string): WebhookSort | { readonly problem: string; readonly instead: string } {
  if (mutating === "true") return "mutating";
  return mutating === "false"
    ? "validating"
    : { problem: "it does not say whether it is mutating", instead: "write mutating=true or mutating=false" };
}

/** A word as the API spells it. */
function inCase(key: string, value: string): string {
  if (!Object.hasOwn(webhookWords, key)) return value;
  const words: readonly string[] = webhookWords[key as keyof typeof webhookWords];
  return value
    .split(/[;,]/)
    .map((each) => each.trim().replace(/^(["'`])(.*)\1$/, "$2"))
    .map((each) => words.find((word) => word.toLowerCase() === each.toLowerCase()) ?? each)
    .join(";");
}

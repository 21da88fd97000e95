import type { AccessRule } from "../model/index.ts";
import { codeTags } from "./code-tags.ts";
import type { Tag } from "./docs.ts";
import { pairs, type Argument, type Keys } from "./markers/arguments.ts";
import type { Report } from "./report.ts";
import type { Sources } from "./sources.ts";

const keys: Keys = {
  group: { list: true },
  resources: { list: true },
  resourceNames: { list: true },
  urls: { list: true },
  verbs: { list: true, required: true },
  namespace: {},
  roleName: {},
};
const example = "@rbac group=apps resources=deployments verbs=get,list,watch";
const verbs = new Set(
  "get list watch create update patch delete deletecollection use bind escalate impersonate approve sign attest *".split(" "),
);

/** The `@rbac` markers (`+kubebuilder:rbac` too) above the classes, methods and functions of the code. Only the syntax is read, no types. */
export function readAccess(report: Report, sources: Sources): AccessRule[] {
  const rules: AccessRule[] = [];
  for (const tag of codeTags(sources, ["rbac"], /@rbac|\+kubebuilder:rbac/)) {
    const rule = readRule(report, tag);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

function readRule(report: Report, tag: Tag): AccessRule | undefined {
  if (tag.problem !== undefined) {
    report.add("bad-marker", tag.spot, `+kubebuilder:rbac is wrong: ${tag.problem.problem}`, tag.problem.instead);
    return undefined;
  }
  const argument = parseRule(tag);
  if (!("problem" in argument)) return { ...argument.value, place: report.place(tag.spot) };
  report.add("bad-marker", tag.spot, `@rbac ${argument.problem}`, `write it like ${example}`);
  return undefined;
}

function parseRule(tag: Tag): Argument<Omit<AccessRule, "place">> {
  const argument = pairs(tag.text, keys);
  if ("problem" in argument) return argument;
  const list = (key: string): readonly string[] => argument.value.get(key) ?? [];
  // People call the group without a name core.
  const groups = list("group").map((group) => (group === "core" ? "" : group));
  const [resources, urls, wanted] = [list("resources"), list("urls"), list("verbs")];
  if (urls.length > 0 ? resources.length > 0 || groups.length > 0 : resources.length === 0) {
    return { problem: "needs resources=… (with group=…, empty for the core group), or urls=… alone" };
  }
  if (urls.length === 0 && groups.length === 0) return { problem: 'needs group=…; the core group (pods, services, secrets) is group=""' };
  const odd = wanted.find((verb) => !verbs.has(verb));
  if (odd !== undefined) return { problem: `has the verb ${JSON.stringify(odd)}: write ${[...verbs].slice(0, 8).join(", ")} or *` };
  const wrong = [...groups, ...resources].find(
    (name) => !/^(?:\*|[a-z0-9]*(?:[-a-z0-9.]*[a-z0-9])?(?:\/(?:\*|[a-z]+))?|\*\/[a-z]+)$/.test(name),
  );
  if (wrong !== undefined) return { problem: `has the name ${JSON.stringify(wrong)}: resources are in the plural and lower case` };
  if (resources.includes("")) return { problem: "has an empty name among its resources" };
  const [names, namespace, roleName] = [list("resourceNames"), list("namespace")[0], list("roleName")[0]];
  return {
    value: {
      groups,
      resources,
      ...(names.length === 0 ? {} : { resourceNames: names }),
      ...(urls.length === 0 ? {} : { urls }),
      verbs: wanted,
      ...(namespace === undefined ? {} : { namespace }),
      ...(roleName === undefined ? {} : { roleName }),
    },
  };
}

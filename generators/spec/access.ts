import ts from "typescript";
import type { AccessRule } from "../model/index.ts";
import { docOf, type Tag } from "./docs.ts";
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
};
const example = "@rbac group=apps resources=deployments verbs=get,list,watch";
const verbs = new Set(
  "get list watch create update patch delete deletecollection use bind escalate impersonate approve sign attest *".split(" "),
);

/** The `@rbac` markers (`+kubebuilder:rbac` too) above the classes, methods and functions of the code. Only the syntax is read, no types. */
export function readAccess(report: Report, sources: Sources): AccessRule[] {
  const rules: AccessRule[] = [];
  for (const path of sources.controllers) {
    const text = sources.text(path);
    if (text === undefined || !/@rbac|\+kubebuilder:rbac/.test(text)) continue;
    const file = ts.createSourceFile(`${sources.root}/${path}`, text, {
      languageVersion: ts.ScriptTarget.ES2024,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    });
    for (const tag of tagsIn(file)) {
      const rule = readRule(report, tag);
      if (rule !== undefined) rules.push(rule);
    }
  }
  return rules;
}

function* tagsIn(file: ts.SourceFile): Generator<Tag> {
  const nodes: ts.Node[] = [...file.statements];
  const seen = new Set<number>();
  for (let node = nodes.shift(); node !== undefined; node = nodes.shift()) {
    withParents(file, node);
    for (const tag of docOf(node).tags) {
      if (tag.name !== "rbac" || seen.has(tag.spot.offset)) continue;
      seen.add(tag.spot.offset);
      yield tag;
    }
    if (ts.isClassDeclaration(node)) nodes.unshift(...node.members);
  }
}

/** docOf asks a node for its file, which it finds through its parents. */
function withParents(file: ts.SourceFile, node: ts.Node): void {
  const child = node as { parent: ts.Node | undefined };
  child.parent ??= file;
}

function readRule(report: Report, tag: Tag): AccessRule | undefined {
  const argument = parseRule(tag);
  if (!("problem" in argument)) return { ...argument.value, place: report.place(tag.spot) };
  report.add("bad-marker", tag.spot, `@rbac ${argument.problem}`, `write it like ${example}`);
  return undefined;
}

function parseRule(tag: Tag): Argument<Omit<AccessRule, "place">> {
  const argument = pairs(tag.text, keys);
  if ("problem" in argument) return argument;
  const list = (key: string): readonly string[] => argument.value.get(key) ?? [];
  const [groups, resources, urls, wanted] = [list("group"), list("resources"), list("urls"), list("verbs")];
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
  const [names, namespace] = [list("resourceNames"), list("namespace")[0]];
  return {
    value: {
      groups,
      resources,
      ...(names.length === 0 ? {} : { resourceNames: names }),
      ...(urls.length === 0 ? {} : { urls }),
      verbs: wanted,
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
}

/**
 * Writes `docs/reference/markers.md` from the tables of markers and from what the reader makes of each type:
 *
 *     node generators/spec/markers/reference.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Schema } from "../../model/index.ts";
import { readProject } from "../index.ts";
import { codeMarkers } from "./code-markers.ts";
import { kindMarkers } from "./kind-markers.ts";
import { goMarkerNames, translate } from "./kubebuilder.ts";
import { schemaMarkers } from "./schema-markers.ts";
import { webhookKeys } from "./webhook-marker.ts";

/** Where the page is. */
export const referenceFile: URL = new URL("../../../docs/reference/markers.md", import.meta.url);

/** Types of a field, and the words beside their schema. */
const types: readonly (readonly [source: string, words?: string])[] = [
  ["string"],
  ["number"],
  ["boolean"],
  ["Int32"],
  ["Int64"],
  ["Float"],
  ["Double"],
  ["Quantity"],
  ["IntOrString"],
  ["Duration"],
  ["DateTime"],
  ["Base64"],
  ['"a" | "b"', "A union of literals of one sort, a TypeScript enum, or the values of a `const` object"],
  ["1 | 2"],
  ["string | null", "API servers refuse null for an enum: a choice of texts or null becomes a pattern"],
  ["string[]"],
  ["[number, number]", "A tuple of one type"],
  ["Record<string, string>", "Or an index signature"],
  ["{ name: string; size?: Int32 }", "Interfaces, type literals, intersections, Pick, Omit, Partial, Required, generics"],
  [
    '{ type: "file"; path: string } | { type: "url"; url: string; proxy?: string }',
    "A union of objects that a field tells apart: CEL rules say which fields go with which value",
  ],
  ["unknown"],
  ["object"],
];

/** An example of each marker of controller-gen that has arguments. */
const goExamples: Readonly<Record<string, string>> = {
  "kubebuilder:validation:Minimum": "=1",
  "kubebuilder:validation:Maximum": "=5",
  "kubebuilder:validation:ExclusiveMinimum": "=true",
  "kubebuilder:validation:ExclusiveMaximum": "=true",
  "kubebuilder:validation:MultipleOf": "=2",
  "kubebuilder:validation:MinLength": "=1",
  "kubebuilder:validation:MaxLength": "=63",
  "kubebuilder:validation:Pattern": "=`^[a-z]+$`",
  "kubebuilder:validation:Format": "=uuid",
  "kubebuilder:validation:MinItems": "=1",
  "kubebuilder:validation:MaxItems": "=3",
  "kubebuilder:validation:MinProperties": "=1",
  "kubebuilder:validation:MaxProperties": "=3",
  "kubebuilder:validation:UniqueItems": "=true",
  "kubebuilder:validation:Type": "=string",
  "kubebuilder:validation:Enum": "=a;b",
  "kubebuilder:validation:XValidation": ':rule="self.a < self.b",message="a is too large"',
  "kubebuilder:validation:ExactlyOneOf": "=a;b",
  "kubebuilder:validation:AtMostOneOf": "=a;b",
  "kubebuilder:validation:AtLeastOneOf": "=a;b",
  "kubebuilder:deprecatedversion": ':warning="use v2"',
  "kubebuilder:default": "=3",
  default: "=3",
  "kubebuilder:example": "=3",
  "kubebuilder:title": "=Size",
  "kubebuilder:externalDocs": ':url="https://example.com"',
  "k8s:listType": "=map",
  "k8s:listMapKey": "=name",
  "k8s:minimum": "=1",
  "k8s:maximum": "=5",
  "k8s:maxItems": "=3",
  groupName: "=fleet.example.com",
  listType: "=map",
  listMapKey: "=name",
  mapType: "=atomic",
  structType: "=atomic",
  "kubebuilder:printcolumn": ":name=Size,type=integer,JSONPath=.spec.size",
  "kubebuilder:selectablefield": ":JSONPath=.spec.size",
  "kubebuilder:resource": ":path=ships,shortName=sh;shp,scope=Cluster",
  "kubebuilder:subresource:scale": ":specpath=.spec.size,statuspath=.status.size",
  "kubebuilder:metadata": ':labels="team=fleet"',
  "kubebuilder:rbac": ":groups=apps,resources=deployments,verbs=get;list",
  "kubebuilder:webhook":
    ":path=/validate-v1-pod,mutating=false,failurePolicy=fail,sideEffects=None,groups=core,resources=pods,verbs=create,versions=v1,name=pods.example.com,admissionReviewVersions=v1",
  "kubebuilder:webhookconfiguration": ":mutating=false,name=ships-are-right",
};

/** The text of the page. */
export async function markersReference(): Promise<string> {
  return `<!-- Generated from the tables in generators/spec/markers by \`node generators/spec/markers/reference.ts\`: change them, not this page. -->

# Types and markers

What the interfaces in \`api/<version>/<kind>.types.ts\` may say, and what becomes of it in the CRD's schema. A marker is a JSDoc tag in
the comment of a field, of a named type (it then holds for every field of the type), or of the kind's interface. A marker that is
unknown, misplaced, doubled or has a wrong argument is an error with its file, line and column.

## Types

Names such as \`Int32\` come from \`@kubescaffold/runtime/api\`. Interfaces of kubernetes-models (\`IPodTemplateSpec\`, \`IEnvVar\`,
\`ILabelSelector\` …) have the whole schema that the API server has for them, with list keys and defaults, without descriptions.
A type that contains itself is cut with \`@preserveUnknownFields\` at the field where it does, or else it is an error.

| TypeScript | Schema | |
| --- | --- | --- |
${(await typeRows()).join("\n")}

## Markers of fields and their types

| Marker | For | What it says | Example |
| --- | --- | --- | --- |
${schemaMarkers.map(({ name, on, summary, example }) => row([code(`@${name}`), on === undefined ? "all" : on.join(", "), summary, code(example)])).join("\n")}

## Markers of kinds

They stand on the interface that extends \`CustomResource\`. \`@validation\`, \`@title\`, \`@externalDocs\`, \`@preserveUnknownFields\`,
\`@schema\` and \`@example\` may stand there too, and are about the whole object.

| Marker | What it says | Example |
| --- | --- | --- |
${kindMarkers.map(({ name, summary, example }) => row([code(`@${name}`), summary, code(example)])).join("\n")}

## Markers of code

They stand above a class, a method, a function or a statement in \`controllers/\`, \`webhooks/\` or \`main.ts\`.

| Marker | What it says | Example |
| --- | --- | --- |
${codeMarkers.map(({ name, summary, example }) => row([code(`@${name}`), summary, code(example)])).join("\n")}

### Webhooks

\`@webhook\` begins with \`mutating\` or \`validating\`. \`manager.webhook(Kind).validateWith(validator, options)\` needs no marker: its options have the
same names, as far as the kind does not say it. \`config/webhook\` comes from both.

| Key | What it says | |
| --- | --- | --- |
${webhookKeys.map(([key, summary, note]) => row([code(key), summary, note])).join("\n")}

## Policies

An exported constant of the type \`AdmissionPolicy<Kind>\` in a file \`*.policy.ts\` becomes a \`ValidatingAdmissionPolicy\` and its binding in
\`config/policies\`. Its fields have the API's names; the type's own comments say what they mean.

\`\`\`ts
import type { AdmissionPolicy } from "@kubescaffold/runtime/api";

export const crewedShips: AdmissionPolicy<Ship> = {
  validations: [{ expression: "object.spec.crew > 0", message: "a ship needs a crew" }],
};
\`\`\`

## Markers of controller-gen

Their spelling is accepted too, in line comments above a declaration (\`// +kubebuilder:validation:Minimum=1\`) and in doc comments, so
that types can be moved over as they are. \`+kubebuilder:validation:items:…\` is about the items of a list.

| controller-gen | Here |
| --- | --- |
${goMarkerNames.map(goRow).join("\n")}
`;
}

async function typeRows(): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "kubescaffold-reference-"));
  try {
    const fields = types.map(([source], index) => `  f${index}: ${source};`).join("\n");
    const text = `import type { Base64, CustomResource, DateTime, Double, Duration, Float, Int32, Int64, IntOrString, Quantity } from "@kubescaffold/runtime/api";
export interface Example extends CustomResource<{\n${fields}\n}> {}\n`;
    const reading = await readProject({ root, group: "example.com", overlay: new Map([["api/v1/example.types.ts", text]]) });
    const properties: Schema["properties"] = reading.resources[0]?.versions[0]?.schema.properties?.["spec"]?.properties ?? {};
    return types.map(([source, words = ""], index) => row([code(source), code(JSON.stringify(properties[`f${index}`])), words]));
  } finally {
    rmSync(root, { recursive: true });
  }
}

function goRow(name: string): string {
  const line = `+${name}${goExamples[name] ?? ""}`;
  const found = translate(line);
  if (found === undefined || "nothing" in found) return row([code(line), "says nothing here"]);
  if ("problem" in found) return row([code(line), `${found.problem}: ${found.instead}`]);
  return row([code(line), found.tags.map(([tag, text]) => instead(tag, text)).join(", ")]);
}

function instead(tag: string, text: string): string {
  if (tag === "optional") return "`?` after the field's name";
  if (tag === "enum") return "a union of literals as the type";
  if (tag === "required") return "no `?` after the field's name";
  return code(`@${tag} ${text}`.trim());
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Backticks in code need more of them around it. */
function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(referenceFile, await markersReference());

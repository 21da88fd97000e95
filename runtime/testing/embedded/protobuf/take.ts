/**
 * Takes the protobuf layout of the built-in kinds from the interface definitions that Kubernetes publishes as Go modules:
 *
 *     node runtime/testing/embedded/protobuf/take.ts --modules "$(go env GOMODCACHE)/k8s.io" --version v0.35.4
 *
 * Reads `generated.proto` (field numbers and types) and the Go files beside it (which field is inlined in JSON, and which is left out
 * of JSON when it is zero), and writes `protobuf.json.gz`: for each message its fields as `[number, JSON name, type, flags]`.
 * The JSON name is empty for an inlined message. Flags: `r` repeated, `z` absent from JSON when zero.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

type Field = [number: number, name: string, type: string, flags: string];

const MODULES = ["api", "apimachinery", "apiextensions-apiserver", "kube-aggregator"];
const SCALARS = new Set(["string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float"]);

const { values } = parseArgs({ options: { modules: { type: "string" }, version: { type: "string" } } });
const { modules, version } = values;
if (modules === undefined || version === undefined) throw new Error("give --modules FOLDER and --version of the k8s.io modules");

const messages: Record<string, Field[]> = {};
for (const module of MODULES) {
  const root = join(modules, `${module}@${version}`);
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith("generated.proto") || /v\d+(alpha|beta)\d+/.test(file) || file.includes("testapigroup")) continue;
    takeFile(join(root, file));
  }
}

function takeFile(path: string): void {
  const text = readFileSync(path, "utf8").replaceAll(/^\s*\/\/.*$/gm, "");
  const folder = dirname(path);
  const goFiles = readdirSync(folder).filter(
    (name) => name.endsWith(".go") && !name.endsWith(".pb.go") && !name.startsWith("zz_") && !name.endsWith("_test.go"),
  );
  const tags = goTags(goFiles.map((name) => readFileSync(join(folder, name), "utf8")).join("\n"));
  const scope = /^package ([\w.]+);/m.exec(text)?.[1] ?? "";
  for (const [, message = "", body = ""] of text.matchAll(/^message (\w+) \{([^}]*)\}/gm)) {
    const fields: Field[] = [];
    for (const line of body.matchAll(/^\s*(optional|repeated|map<(\w+), *([\w.]+)>) +(?:([.\w]+) +)?(\w+) = (\d+);/gm)) {
      const [, label = "", key, value, type = "", protoName = "", number = ""] = line;
      const tag = tags.get(message)?.get(Number(number));
      const name = tag === undefined ? protoName : tag.name;
      const full = key === undefined ? qualify(scope, type) : `map ${qualify(scope, value ?? "")}`;
      fields.push([Number(number), name, full, `${label === "repeated" ? "r" : ""}${tag?.omitsZero === true ? "z" : ""}`]);
    }
    messages[`${scope}.${message}`] = fields;
  }
}

function qualify(scope: string, type: string): string {
  if (SCALARS.has(type)) return type;
  return type.includes(".") ? type.replace(/^\./, "") : `${scope}.${type}`;
}

interface Tag {
  readonly name: string;
  readonly omitsZero: boolean;
}

/** The JSON and protobuf tags of the structs in a Go source, by struct and protobuf number. */
function goTags(source: string): Map<string, Map<number, Tag>> {
  const structs = new Map<string, Map<number, Tag>>();
  for (const [, struct = "", body = ""] of source.matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms)) {
    const fields = new Map<number, Tag>();
    for (const [, declaration = "", json = "", number = ""] of body.matchAll(
      /^\s*([^/\n`]+?)\s*`json:"([^"]*)"[^`]*protobuf:"\w+,(\d+)[^"]*"[^`]*`/gm,
    )) {
      const [name = "", ...options] = json.split(",");
      const type = declaration.split(/\s+/).at(-1) ?? "";
      const omitsZero = (options.includes("omitempty") || options.includes("omitzero")) && !type.startsWith("*");
      fields.set(Number(number), { name: options.includes("inline") ? "" : name, omitsZero });
    }
    structs.set(struct, fields);
  }
  return structs;
}

const bytes = gzipSync(JSON.stringify(messages), { level: 9 });
writeFileSync(new URL("./protobuf.json.gz", import.meta.url), bytes);
console.log(`${Object.keys(messages).length} messages, ${bytes.length} bytes`);

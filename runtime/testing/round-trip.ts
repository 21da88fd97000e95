import { groupOf, type KindToken, type KubernetesObject, type ObjectOf } from "../object/index.ts";
import { Conversion, type Converter } from "../webhook/conversion/index.ts";
import { compileSchema, type JsonObject, type JsonSchema } from "../schema/index.ts";
import { readManifests } from "./manifests.ts";
import { sampleOf, seeded } from "./samples.ts";

export interface RoundTripOptions<K extends KindToken> {
  /** The kind at the version that is the hub. */
  hub: K;
  converter: Converter<ObjectOf<K>>;
  /** File or folder with the CustomResourceDefinition, whose schemas say what objects of each version may look like. */
  crd: string;
  /** Objects that are tried of each version. Default 200. */
  runs?: number;
  /** Makes the same objects again. Default: others every time; an error tells which. */
  seed?: number;
}

interface Definition {
  group?: string;
  names?: { kind?: string };
  versions?: { name: string; served?: boolean; schema?: { openAPIV3Schema?: JsonSchema } }[];
}

interface Version {
  apiVersion: string;
  schema: JsonSchema;
}

/**
 * Makes up objects of all versions of a kind and converts each there and back: from the hub to every spoke, from a spoke to the hub. On the
 * way each must fit the schema of the version that it has become, since the API server drops fields that the schema does not know.
 *
 * @throws Error with the fields that are lost or different afterwards, the object, and the seed
 * @example
 * test("conversions lose nothing", () => expectRoundTrip({ hub: Memcached, converter, crd: "config/crd/bases" }));
 */
export async function expectRoundTrip<K extends KindToken>(options: RoundTripOptions<K>): Promise<void> {
  const { hub, converter, crd, runs = 200, seed = Math.floor(Math.random() * 2 ** 32) } = options;
  const conversion = new Conversion(hub, converter as Converter<never>);
  const random = seeded(seed);
  const versions = await versionsOf(hub, crd);
  for (const { apiVersion, schema } of versions) {
    for (let run = 0; run < runs; run++) {
      const sample = sampleOf(schema, random) as Record<string, unknown>;
      const object: KubernetesObject = {
        ...sample,
        apiVersion,
        kind: hub.kind,
        metadata: metadata(random),
      };
      try {
        conversion.checkRoundTrip(object);
        for (const other of versions) checkFields(conversion, object, other);
      } catch (cause) {
        const problem = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`${problem}\nseed: ${seed}\nobject: ${JSON.stringify(object, undefined, 2)}`, { cause });
      }
    }
  }
}

/** @throws Error when the object has, at another version, fields that its schema does not know */
function checkFields(conversion: Conversion, object: KubernetesObject, { apiVersion, schema }: Version): void {
  const converted = JSON.parse(JSON.stringify(conversion.convert(object, apiVersion))) as JsonObject;
  const lost = compileSchema(schema).prune(converted);
  if (lost.length === 0) return;
  throw new Error(`${object.apiVersion ?? ""} becomes a ${apiVersion} with fields that its schema does not have: ${lost.join(", ")}`);
}

async function versionsOf(hub: KindToken, path: string): Promise<Version[]> {
  const specs = (await readManifests([path])).map((manifest) => (manifest["spec"] ?? {}) as Definition);
  const found = specs.find(({ group, names }) => group === groupOf(hub.apiVersion) && names?.kind === hub.kind);
  if (found === undefined) throw new Error(`${path} has no CustomResourceDefinition of ${hub.kind}`);
  const versions = (found.versions ?? []).filter(({ served }) => served !== false);
  return versions.map(({ name, schema }) => ({
    apiVersion: `${groupOf(hub.apiVersion)}/${name}`,
    schema: schema?.openAPIV3Schema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  }));
}

function metadata(random: () => number): NonNullable<KubernetesObject["metadata"]> {
  const labels = random() < 0.5 ? { app: "web" } : undefined;
  const annotations = random() < 0.5 ? { "example.com/note": "kept" } : undefined;
  return { name: "sample", namespace: "default", uid: "705ab4f5", ...(labels && { labels }), ...(annotations && { annotations }) };
}

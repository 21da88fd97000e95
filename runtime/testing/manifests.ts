import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Client } from "../client/index.ts";
import type { UnstructuredObject } from "../object/index.ts";
import { eventually } from "./eventually.ts";

const CRD = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/**
 * Reads the objects of YAML or JSON files. A folder stands for the `.yaml`, `.yml` and `.json` files in it, without
 * `kustomization.yaml`.
 *
 * @throws Error that names the file, when one cannot be read or is no manifest
 */
export async function readManifests(paths: readonly string[]): Promise<UnstructuredObject[]> {
  const objects: UnstructuredObject[] = [];
  for (const path of paths) for (const file of await filesAt(path)) objects.push(...(await readManifest(file)));
  return objects;
}

/** Applies objects in the order given, server-side. */
export async function applyManifests(client: Client, objects: readonly UnstructuredObject[]): Promise<void> {
  for (const object of objects) await client.apply(object);
}

/**
 * Applies CustomResourceDefinitions and resolves when the API server serves them.
 *
 * @throws ApiError when one is refused; Error when one is not established in time, with the reason that its conditions give
 */
export async function installCrds(client: Client, crds: readonly UnstructuredObject[]): Promise<void> {
  const definitions = crds.filter(({ kind }) => kind === CRD.kind);
  await applyManifests(client, definitions);
  for (const { metadata } of definitions) {
    const name = metadata.name ?? "";
    await eventually(async () => {
      const crd = await client.live.get(CRD, { name });
      const conditions =
        (crd?.["status"] as { conditions?: { type: string; status: string; message?: string }[] } | undefined)?.conditions ?? [];
      if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
      const why = conditions.find(({ status }) => status === "False")?.message;
      throw new Error(`the CRD ${name} is not established yet${why === undefined ? "" : `: ${why}`}`);
    });
  }
}

async function filesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path);
  return names
    .filter((name) => /\.(ya?ml|json)$/.test(name) && name !== "kustomization.yaml")
    .sort()
    .map((name) => join(path, name));
}

async function readManifest(file: string): Promise<UnstructuredObject[]> {
  const documents = parseAllDocuments(await readFile(file, "utf8"));
  const objects: UnstructuredObject[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error) throw new Error(`${file}: ${error.message.split("\n")[0] ?? ""}`, { cause: error });
    const object: unknown = document.toJS();
    if (object === null) continue; // an empty document
    if (!isManifest(object)) throw new Error(`${file}: not a Kubernetes object: it has no apiVersion, kind and metadata.name`);
    objects.push(object);
  }
  return objects;
}

function isManifest(value: unknown): value is UnstructuredObject {
  if (typeof value !== "object" || value === null) return false;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata === "object" && metadata !== null;
}

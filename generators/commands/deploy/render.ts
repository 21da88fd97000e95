import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { UnstructuredObject } from "@kubescaffold/runtime";
import { parseAllDocuments } from "yaml";
import { ScaffoldError } from "../../errors.ts";
import { runProgram } from "../../program.ts";
import { describe, type Manifest } from "./objects.ts";

/** The programs that put a kustomization together; kubectl first, since whoever has a cluster has it. */
const programs = [
  ["kubectl", "kustomize"],
  ["kustomize", "build"],
] as const;

/**
 * The objects of a kustomization (a folder), put together by kubectl or kustomize, or those of a file of manifests.
 *
 * @param from a path, relative to `cwd`
 * @throws ScaffoldError `bad-option`, `no-program`, `bad-manifest`
 */
export async function readObjects(from: string, cwd: string): Promise<Manifest[]> {
  const path = resolve(cwd, from);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new ScaffoldError("bad-option", `There is no ${from}: pass a kustomization's folder, or a file of manifests.`);
  const text = stat.isDirectory() ? await kustomized(path, from) : readFileSync(path, "utf8");
  const objects = parse(text, from);
  if (objects.length === 0) throw new ScaffoldError("bad-manifest", `There is no object in ${from}.`);
  return objects;
}

async function kustomized(path: string, from: string): Promise<string> {
  for (const [program, ...args] of programs) {
    const { found, code, out, err } = await runProgram(program, [...args, path], { cwd: path });
    if (code === 0) return out.toString();
    if (!found) continue;
    throw new ScaffoldError(
      "bad-manifest",
      `${program} cannot put ${from} together: ${(err || out.toString()).trim().replace(/^error: /i, "")}`,
    );
  }
  throw new ScaffoldError(
    "no-program",
    `${from} is a kustomization, and there is neither kubectl nor kustomize on this machine: install one, or pass --from a file of manifests.`,
  );
}

function parse(text: string, from: string): Manifest[] {
  const found: Manifest[] = [];
  for (const document of parseAllDocuments(text)) {
    const [error] = document.errors;
    if (error) throw new ScaffoldError("bad-manifest", `${from} is not YAML: ${error.message.split("\n")[0] ?? ""}`, { cause: error });
    const value: unknown = document.toJS();
    if (value === null) continue; // nothing but comments
    for (const object of isList(value) ? value.items : [value]) found.push(manifest(object, from));
  }
  const seen = new Set<string>();
  for (const object of found) {
    const id = `${object.apiVersion} ${describe(object)}`;
    if (seen.has(id)) throw new ScaffoldError("bad-manifest", `${from} has the ${describe(object)} twice: take one out.`);
    seen.add(id);
  }
  return found;
}

function isList(value: unknown): value is { items: unknown[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "List" &&
    "items" in value &&
    Array.isArray(value.items)
  );
}

function manifest(value: unknown, from: string): Manifest {
  if (!isManifest(value)) {
    throw new ScaffoldError(
      "bad-manifest",
      `${from} has a document that is no Kubernetes object: it needs apiVersion, kind and metadata.name.`,
    );
  }
  return value;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== "object" || value === null) return false;
  const { apiVersion, kind, metadata } = value as Partial<UnstructuredObject>;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof metadata?.name === "string";
}

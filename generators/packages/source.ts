import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { version } from "../version.ts";
import { linkModules } from "./link.ts";

/**
 * `registry`: as a user of the published package gets them. `vendor`: packed from this checkout into the project, so that
 * it installs and builds anywhere. `link`: the checkout's own modules, with nothing to install; works on this machine only.
 */
export type PackageSource = "registry" | "vendor" | "link";

export interface Packages {
  /** What the project's package.json says. */
  readonly dependencies: { readonly kubescaffold: string; readonly runtime: string; readonly vendored: boolean };
  /** Files to write into the project. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  /** Takes the place of an installation, when there is one. */
  readonly link?: (project: string) => void;
}

/** True when this file is the source, and not what has been built and published of it. */
const isCheckout = import.meta.url.endsWith(".ts");

/** @param source left out: the registry for the published package, `vendor` in a checkout */
export async function packagesFor(source: PackageSource | undefined, progress: (line: string) => void): Promise<Packages> {
  const chosen = source ?? (isCheckout ? "vendor" : "registry");
  const range = `^${version()}`;
  if (chosen !== "vendor" || !isCheckout) {
    const checkout = fileURLToPath(new URL("../../", import.meta.url));
    return {
      dependencies: { kubescaffold: range, runtime: range, vendored: false },
      files: [],
      ...(chosen === "link" && isCheckout ? { link: (project: string) => linkModules(checkout, project) } : {}),
    };
  }
  progress("Packing kubescaffold from this checkout into the project …");
  // Loaded here because it is part of the checkout only: what is published has nothing to pack.
  const { packPackages } = await import("./pack.ts");
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-pack-"));
  try {
    const packed = packPackages(folder);
    const path = (name: string): string => `vendor/${packed.find((one) => one.name === name)?.file ?? ""}`;
    return {
      dependencies: { kubescaffold: `file:${path("kubescaffold")}`, runtime: `file:${path("@kubescaffold/runtime")}`, vendored: true },
      files: packed.map(({ file }) => ({ path: `vendor/${file}`, content: readFileSync(join(folder, file)) })),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

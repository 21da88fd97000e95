import { readFileSync } from "node:fs";

/** The version of this package, from the package.json that it is part of: beside the sources, and beside what is built of them. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest && typeof manifest.version === "string")
    return manifest.version;
  throw new TypeError("package.json of kubescaffold has no version");
}

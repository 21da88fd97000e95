import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ScaffoldError } from "../../errors.ts";

/** Where `scaffold build` leaves the image when nothing says where it shall go. */
export const builtArchive = "dist/image.tar";

/** What the image of a project is called when nobody says: the project's name, with the version of package.json. */
export function defaultImage(root: string, projectName: string): string {
  return imageOf(projectName, versionIn(manifestIn(root)));
}

/** Tags know no "+". */
function imageOf(projectName: string, version: string): string {
  return `${projectName}:${version.replaceAll("+", "_")}`;
}

function versionIn({ version }: Record<string, unknown>): string {
  return typeof version === "string" && version !== "" ? version : "0.0.0";
}

/** What an image tells of the project that it is made of. */
export interface Described {
  /** See {@link defaultImage}. */
  readonly image: string;
  readonly version: string;
  readonly license: string | undefined;
  /** The labels that follow from package.json and git. */
  readonly labels: Readonly<Record<string, string>>;
}

const LABEL = "org.opencontainers.image";

/** Reads package.json, and git where the project is in a repository. Throws ScaffoldError `no-project`. */
export function describeProject(root: string, projectName: string): Described {
  const manifest = manifestIn(root);
  const text = (key: string): string | undefined => (typeof manifest[key] === "string" && manifest[key] !== "" ? manifest[key] : undefined);
  const version = versionIn(manifest);
  const license = text("license");
  const revision = revisionOf(root);
  const source = sourceOf(manifest["repository"]);
  const description = text("description");
  return {
    image: imageOf(projectName, version),
    version,
    license,
    labels: {
      [`${LABEL}.title`]: projectName,
      [`${LABEL}.version`]: version,
      ...(description === undefined ? {} : { [`${LABEL}.description`]: description }),
      ...(license === undefined ? {} : { [`${LABEL}.licenses`]: license }),
      ...(revision === undefined ? {} : { [`${LABEL}.revision`]: revision }),
      ...(source === undefined ? {} : { [`${LABEL}.source`]: source }),
    },
  };
}

function manifestIn(root: string): Record<string, unknown> {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    if (typeof manifest === "object" && manifest !== null) return { ...manifest };
  } catch (error) {
    throw new ScaffoldError("no-project", `${join(root, "package.json")} cannot be read: an image is named and labelled by it.`, {
      cause: error,
    });
  }
  throw new ScaffoldError("no-project", `${join(root, "package.json")} is no JSON object.`);
}

/** The commit, with `-dirty` when the folder is not as it says; `undefined` outside of a repository, or without git. */
function revisionOf(root: string): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", root, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const commit = git("rev-parse", "HEAD");
    return git("status", "--porcelain", "--", ".") === "" ? commit : `${commit}-dirty`;
  } catch {
    return undefined;
  }
}

/** The URL of a `repository` of package.json, in each of its forms; what a password may be in is left out. */
function sourceOf(repository: unknown): string | undefined {
  const named = typeof repository === "object" && repository !== null && "url" in repository ? repository.url : repository;
  if (typeof named !== "string") return undefined;
  const [, host, path] = /^(?:(github|gitlab|bitbucket):)?([\w.-]+\/[\w.-]+)$/.exec(named) ?? [];
  if (path !== undefined)
    return `https://${host === undefined ? "github.com" : host === "bitbucket" ? "bitbucket.org" : `${host}.com`}/${path}`;
  const url = named
    .replace(/^git\+/, "")
    .replace(/^git:/, "https:")
    .replace(/\.git$/, "");
  return /^https?:\/\/[^@]*$/.test(url) ? url : undefined;
}

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { smallProject } from "../generators/commands/built.ts";
import { succeed } from "../generators/commands/terminal.ts";
import { blob, json, sampleImage, sha256, tar } from "../generators/image/samples.ts";
import { temporaryFolder } from "../generators/temporary.ts";
import { crane, craneRegistry } from "./crane.ts";

const folder = temporaryFolder();
const project = join(folder.path, "project");
const base = join(folder.path, "base.tar");
const platforms = ["linux/amd64", "linux/arm64"] as const;
let registry: Awaited<ReturnType<typeof craneRegistry>>;
let run: (...args: string[]) => Promise<string>;

/** A base image for two platforms, as an OCI archive. */
async function twoPlatforms(): Promise<Uint8Array> {
  const images = await Promise.all(
    platforms.map((platform) => sampleImage({ architecture: platform.slice(6), files: { "usr/local/bin/node": platform } })),
  );
  const list = images.map(({ manifest }, at) => ({
    ...blob("application/vnd.docker.distribution.manifest.v2+json", manifest),
    platform: { os: "linux", architecture: platforms[at]?.slice(6) },
  }));
  const index = json({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: list });
  const blobs = [...images.flatMap(({ packed, config, manifest }) => [packed, config, manifest]), index];
  return tar({
    "oci-layout": '{"imageLayoutVersion":"1.0.0"}',
    "index.json": json({ schemaVersion: 2, manifests: [blob("application/vnd.oci.image.index.v1+json", index)] }),
    ...Object.fromEntries(blobs.map((bytes) => [`blobs/sha256/${sha256(bytes).slice(7)}`, bytes])),
  });
}

beforeAll(async () => {
  const program = await crane();
  run = async (...args) => (await promisify(execFile)(program, args, { encoding: "utf8" })).stdout.trim();
  registry = await craneRegistry(program);
  smallProject(project);
  writeFileSync(base, await twoPlatforms());
}, 300_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const digestIn = (text: string): string => /sha256:[0-9a-f]{64}/.exec(text)?.[0] ?? "";

const build = async (...args: string[]): Promise<string> => digestIn((await succeed(project, ["build", ...args])).out);

test("crane finds an archive on nothing but Node to be whole: every digest, size and layer", async () => {
  await build("--node", process.execPath, "--output", "image.tar");
  expect(await run("validate", "--tarball", join(project, "image.tar"))).toMatch(/^PASS: /);
});

test("what is pushed to a registry is there under its digest, whole, for each platform", async () => {
  const name = `${registry.name}/team/operator:1`;
  const digest = await build("--image", name, "--base-image", base, "--platform", platforms.join(","), "--push");
  expect(await run("digest", name)).toBe(digest);
  expect(await run("validate", "--remote", name)).toMatch(/^PASS: /);
  for (const platform of platforms) {
    const config = JSON.parse(await run("config", "--platform", platform, name)) as {
      architecture: string;
      config: { Entrypoint: string[] };
    };
    expect(config.architecture).toBe(platform.slice(6));
    expect(config.config.Entrypoint[0]).toBe("/usr/local/bin/node");
    const exported = join(folder.path, "files.tar");
    await run("export", "--platform", platform, name, exported);
    const { stdout } = await promisify(execFile)("tar", ["-xOf", exported, "usr/local/bin/node"]);
    expect(stdout).toBe(platform);
  }
});

test("images that crane has pulled, in each of its formats, and the registry itself give the same image as a base", async () => {
  const from = `${registry.name}/team/base:1`;
  await build("--image", from, "--base-image", base, "--platform", "linux/amd64", "--push");
  const target = ["--image", `${registry.name}/team/second:1`, "--platform", "linux/amd64"];
  await build(...target, "--base-image", from, "--push");
  /** Without the last layer, which has the list of parts: that names the base by where it is from. */
  const layers = async (): Promise<string[]> => {
    const config = JSON.parse(await run("config", `${registry.name}/team/second:1`)) as { rootfs: { diff_ids: string[] } };
    return config.rootfs.diff_ids.slice(0, -1);
  };
  const expected = await layers();
  expect(expected).toHaveLength(2);
  for (const format of ["tarball", "oci"]) {
    const pulled = join(folder.path, `pulled-${format}`);
    await run("pull", "--format", format, from, pulled);
    const archive = format === "oci" ? join(folder.path, "pulled.tar") : pulled;
    if (format === "oci") await promisify(execFile)("tar", ["-C", pulled, "-cf", archive, "."]);
    await build(...target, "--base-image", archive, "--push");
    expect(await run("validate", "--remote", `${registry.name}/team/second:1`)).toMatch(/^PASS: /);
    expect(await layers()).toEqual(expected);
  }
});

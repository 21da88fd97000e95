import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { memcached, succeed } from "../generators/commands/terminal.ts";
import { temporaryFolder } from "../generators/temporary.ts";
import { docker, standIn } from "./kind/stand-in.ts";

/*
 * Needs a docker that runs containers, and npm's registry; no registry of images: what the Dockerfile is built on is made here of this machine's
 * own Node, npm and shell, and takes the place of the images that it names.
 */
const folder = temporaryFolder();
const project = join(folder.path, "project");
const standIns = { "node:24-slim": "kubescaffold.test/node:24-slim", distroless: "kubescaffold.test/distroless:nonroot" };
const images = { dockerfile: "kubescaffold.test/operator:dockerfile", build: "kubescaffold.test/operator:build" };

beforeAll(async () => {
  mkdirSync(project);
  await succeed(project, ["init", "--domain", "example.com", "--project-name", "cache-operator", "--packages", "vendor"]);
  await succeed(project, ["create", "api", ...memcached]);

  const npm = join(folder.path, "npm");
  writeFileSync(npm, '#!/bin/sh\nexec /usr/local/bin/node /usr/lib/npm/bin/npm-cli.js "$@"\n', { mode: 0o755 });
  const npmFolder = join(realpathSync(execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim()), "../..");
  const authorities = process.env["NODE_EXTRA_CA_CERTS"];
  await standIn(
    folder.path,
    standIns["node:24-slim"],
    {
      "/bin/sh": "/bin/sh",
      "/usr/bin/env": "/usr/bin/env",
      "/usr/bin/npm": npm,
      "/usr/lib/npm": npmFolder,
      "/usr/local/bin/node": process.execPath,
      ...(authorities === undefined ? {} : { "/etc/authorities.crt": authorities }),
    },
    "ENV PATH=/usr/local/bin:/usr/bin:/bin HOME=/root",
    ...(authorities === undefined ? [] : ["ENV NODE_EXTRA_CA_CERTS=/etc/authorities.crt"]),
  );
  await standIn(folder.path, standIns.distroless, { "/nodejs/bin/node": process.execPath }, 'ENTRYPOINT ["/nodejs/bin/node"]');

  const written = readFileSync(join(project, "Dockerfile"), "utf8");
  const changed = written
    .replace(/^FROM node:24-slim /m, `FROM ${standIns["node:24-slim"]} `)
    .replace(/^FROM gcr\.io\S+$/m, `FROM ${standIns.distroless}`);
  writeFileSync(join(folder.path, "Dockerfile"), changed);
}, 600_000);

afterAll(async () => {
  await docker("rmi", "--force", ...Object.values(standIns), ...Object.values(images));
  folder[Symbol.dispose]();
});

interface Inspected {
  readonly Config: {
    readonly User: string;
    readonly WorkingDir: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
  };
}

async function inspect(image: string): Promise<Inspected["Config"]> {
  const [found] = JSON.parse(await docker("image", "inspect", image)) as Inspected[];
  if (!found) throw new Error(`docker has no ${image}`);
  return found.Config;
}

const helpOf = (image: string): Promise<string> =>
  docker("run", "--rm", "--read-only", "--cap-drop=ALL", "--network=none", image, "--help");

test("docker builds the Dockerfile of a new project, and runs what it built with nothing writable", async () => {
  await docker("build", "--network=host", "--file", join(folder.path, "Dockerfile"), "--tag", images.dockerfile, project);
  expect(await helpOf(images.dockerfile)).toContain("--leader-elect");
}, 600_000);

test("what scaffold build loads into docker runs so too, and starts as the Dockerfile says", async () => {
  const options = ["--base-image", `docker-daemon:${standIns.distroless}`, "--image", images.build, "--load", "docker"];
  await succeed(project, ["build", ...options]);
  expect(await helpOf(images.build)).toBe(await helpOf(images.dockerfile));
  const [ours, theirs] = [await inspect(images.build), await inspect(images.dockerfile)];
  const started = ({ User, WorkingDir, Entrypoint }: Inspected["Config"]): object => ({ User, WorkingDir, Entrypoint });
  expect(started(ours)).toEqual(started(theirs));
  const settings = ({ Env }: Inspected["Config"]): string[] => Env.filter((entry) => !entry.startsWith("PATH=")).sort();
  expect(settings(ours)).toEqual(settings(theirs));
}, 120_000);

test("an image on nothing but Node runs in docker too", async () => {
  await succeed(project, ["build", "--node", process.execPath, "--image", images.build, "--load", "docker"]);
  expect(await helpOf(images.build)).toContain("--leader-elect");
  const script =
    "console.log(process.getuid(), process.cwd()); require('node:dns').lookup('localhost', (error, at) => console.log(error?.code ?? at));";
  const said = await docker("run", "--rm", "--read-only", "--entrypoint=/usr/local/bin/node", images.build, "-e", script);
  expect(said.split("\n")).toEqual(["65532 /app", expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]);
}, 120_000);

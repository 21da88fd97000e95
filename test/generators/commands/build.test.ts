import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { BASE_IMAGE, NODE_FLAGS } from "../../../generators/project/index.ts";
import { TestRegistry } from "../image/registry.ts";
import { sampleImage, sha256, tar } from "../image/samples.ts";
import { temporaryFolder } from "../temporary.ts";
import { exampleProject, smallProject, unpack, type Unpacked } from "./built.ts";
import { scaffold, succeed } from "./terminal.ts";

const folder = temporaryFolder();
const project = join(folder.path, "project");
/** For what does not depend on the program. */
const small = join(folder.path, "small");
/** What the image has, as a container sees it. */
const root = join(folder.path, "root");
const environment = { ...process.env };
let printed: string;
let archive: Buffer;
let unpacked: Unpacked;

/** A small base, for what does not depend on it. */
const base = join(folder.path, "base.tar");

beforeAll(async () => {
  process.env["XDG_CACHE_HOME"] = join(folder.path, "cache");
  delete process.env["SOURCE_DATE_EPOCH"];
  await exampleProject(project);
  smallProject(small);
  printed = (await succeed(project, ["build", "--node", process.execPath, "--sbom", "sbom.json"])).out;
  archive = readFileSync(join(project, "dist/image.tar"));
  unpacked = await unpack(archive, root);
  const { layer, config } = await sampleImage();
  const docker = JSON.stringify([{ Config: "config.json", Layers: ["layer.tar"] }]);
  writeFileSync(base, await tar({ "layer.tar": layer, "config.json": config, "manifest.json": docker }));
}, 120_000);

afterAll(() => folder[Symbol.dispose]());

beforeEach(() => {
  for (const name of ["PATH", "SOURCE_DATE_EPOCH", "DOCKER_CONFIG"]) {
    if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = environment[name];
  }
});
afterEach(() => rmSync(join(folder.path, "bin"), { recursive: true, force: true }));

/** Runs a command in the image and nothing but the image, as the user that the image names. */
function inImage(...command: string[]): { status: number | null; out: string; err: string } {
  const chroot = ["chroot", ...(process.getuid?.() === 0 ? [`--userspec=${unpacked.config.config.User}`] : []), root, ...command];
  const line = process.getuid?.() === 0 ? chroot : ["unshare", "--map-root-user", ...chroot];
  const { status, stdout, stderr } = spawnSync(line[0] ?? "", line.slice(1), {
    encoding: "utf8",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  return { status, out: stdout, err: stderr };
}

/** A program that tells how it was called, and keeps what it was given. */
function fake(name: string, script: string): string {
  const bin = join(folder.path, "bin");
  const log = join(bin, `${name}.log`);
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\necho "$@" >> ${log}\n${script}\n`, { mode: 0o755 });
  process.env["PATH"] = `${bin}:${environment["PATH"] ?? ""}`;
  return log;
}

const digestIn = (text: string): string => /sha256:[0-9a-f]{64}/.exec(text)?.[0] ?? "";

test("an image of nothing but Node and the operator is under 80 MB, and it says what to do with it", () => {
  const [, size] = /^ {2}linux\/\w+ {2}([\d.]+) MB compressed$/m.exec(printed) ?? [];
  expect(Number(size)).toBeGreaterThan(20);
  expect(Number(size)).toBeLessThan(80);
  expect(printed).toMatch(/^memcached-operator:0\.1\.0 {2}sha256:[0-9a-f]{64}$/m);
  expect(printed).toContain("wrote dist/image.tar");
  expect(printed).toContain("docker load --input dist/image.tar");
  expect(archive.length).toBeLessThan(80e6);
});

test("it starts the bundle by Node with the options of production, as a user who is not root, in a folder that is not theirs", () => {
  const { config, docker, names } = unpacked;
  expect(config.config).toMatchObject({
    User: "65532:65532",
    Entrypoint: ["/usr/local/bin/node", ...NODE_FLAGS, "main.js"],
    WorkingDir: "/app",
    Env: expect.arrayContaining(["NODE_ENV=production", "MALLOC_ARENA_MAX=2"]),
  });
  expect(docker.map(({ RepoTags }) => RepoTags)).toEqual([["memcached-operator:0.1.0"]]);
  expect(names.filter((name) => /node_modules|\.ts$|\bsh$|npm/.test(name))).toEqual([]);
  expect(names.filter((name) => name.startsWith("app/") && !name.includes("chunks"))).toEqual([
    "app/",
    "app/main.js",
    "app/main.js.map",
    "app/package.json",
  ]);
});

test("the operator runs in it, with nothing else there, and cannot write anywhere but to /tmp", () => {
  const help = inImage("/usr/local/bin/node", ...NODE_FLAGS, "/app/main.js", "--help");
  expect(help).toMatchObject({ status: 0, err: "" });
  expect(help.out).toContain("--leader-elect");
  const script = `const fs = require("node:fs");
    const write = (path) => { try { fs.writeFileSync(path, ""); return "written"; } catch (error) { return error.code; } };
    const time = new Date(0).toLocaleString("en", { timeZone: "Asia/Tokyo", hour: "numeric" });
    console.log(process.getuid(), write("/app/x.js"), write("/app/main.js"), write("/usr/x"), write("/tmp/x"), time);`;
  const { out } = inImage("/usr/local/bin/node", "-e", script);
  // Without root there is one user only, whom the files belong to.
  if (process.getuid?.() === 0) expect(out.trim()).toBe("65532 EACCES EACCES EACCES written 9 AM");
  else expect(out).toContain("9 AM");
});

test("what is loaded only when it is needed is in it too", () => {
  const chunks = readdirSync(join(root, "app/chunks"));
  expect(chunks.filter((name) => name.endsWith(".map"))).toEqual([]);
  const { status, err } = inImage(
    "/usr/local/bin/node",
    "-e",
    `Promise.all(${JSON.stringify(chunks)}.map((name) => import("/app/chunks/" + name)))`,
  );
  expect({ status, err }).toEqual({ status: 0, err: "" });
});

test("its labels and its list of parts tell of the project", () => {
  expect(unpacked.config.config.Labels).toEqual({
    "org.opencontainers.image.title": "memcached-operator",
    "org.opencontainers.image.description": "A Kubernetes operator",
    "org.opencontainers.image.version": "0.1.0",
    "org.opencontainers.image.licenses": "Apache-2.0",
  });
  const sbom = readFileSync(join(root, "usr/share/sbom/memcached-operator.spdx.json"), "utf8");
  expect(sbom).toBe(readFileSync(join(project, "sbom.json"), "utf8"));
  const { packages } = JSON.parse(sbom) as { packages: { name: string; versionInfo?: string }[] };
  const names = packages.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["memcached-operator", "@kubescaffold/runtime", "kubernetes-models", "pino", "node", "libc.so.6"]),
  );
  // What only builds and tests is not in the bundle.
  expect(names.filter((name) => /typescript|jest|esbuild|^kubescaffold$/.test(name))).toEqual([]);
  expect(packages.find(({ name }) => name === "node")?.versionInfo).toBe(process.versions.node);
});

test("the same project gives the same digest in another folder, at another time, with other modes, and from an empty cache", async () => {
  const first = digestIn((await succeed(project, ["build", "--base-image", base, "--output", "one.tar"])).out);
  const other = join(folder.path, "another");
  await exampleProject(other);
  for (const name of ["main.ts", "package.json", "controllers/memcached.controller.ts"]) {
    utimesSync(join(other, name), 1, 1);
    chmodSync(join(other, name), 0o600);
  }
  process.env["XDG_CACHE_HOME"] = join(folder.path, "empty");
  const umask = process.umask(0o077);
  try {
    const second = digestIn((await succeed(other, ["build", "--base-image", base, "--output", "two.tar"])).out);
    expect(second).toBe(first);
    expect(readFileSync(join(other, "two.tar")).equals(readFileSync(join(project, "one.tar")))).toBe(true);
  } finally {
    process.umask(umask);
    process.env["XDG_CACHE_HOME"] = join(folder.path, "cache");
  }
  writeFileSync(join(other, "main.ts"), `${readFileSync(join(other, "main.ts"), "utf8")}\nprocess.title = "changed";\n`);
  expect(digestIn((await succeed(other, ["build", "--base-image", base])).out)).not.toBe(first);
}, 60_000);

test("SOURCE_DATE_EPOCH is the time of everything, and of the label", async () => {
  process.env["SOURCE_DATE_EPOCH"] = "1700000000";
  await succeed(small, ["build", "--base-image", base, "--output", "dated.tar"]);
  const { config } = await unpack(readFileSync(join(small, "dated.tar")), join(folder.path, "dated"));
  expect(config.created).toBe("2023-11-14T22:13:20Z");
  expect(config.config.Labels).toMatchObject({ "org.opencontainers.image.created": "2023-11-14T22:13:20Z" });
  process.env["SOURCE_DATE_EPOCH"] = "yesterday";
  expect((await scaffold(small, ["build", "--base-image", base])).err).toContain('SOURCE_DATE_EPOCH is "yesterday"');
}, 30_000);

test("in a repository the commit is a label, and so is where the sources are", async () => {
  const place = join(folder.path, "repository");
  smallProject(place);
  const manifest = JSON.parse(readFileSync(join(place, "package.json"), "utf8")) as object;
  writeFileSync(
    join(place, "package.json"),
    JSON.stringify({ ...manifest, repository: { url: "git+https://example.com/team/operator.git" } }),
  );
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", place, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { encoding: "utf8" }).trim();
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "all");
  const labels = async (): Promise<Record<string, string>> => {
    await succeed(place, ["build", "--base-image", base, "--output", join(folder.path, "labelled.tar")]);
    return (await unpack(readFileSync(join(folder.path, "labelled.tar")), join(folder.path, "labelled"))).config.config.Labels;
  };
  const commit = git("rev-parse", "HEAD");
  expect(await labels()).toMatchObject({
    "org.opencontainers.image.revision": commit,
    "org.opencontainers.image.source": "https://example.com/team/operator",
  });
  rmSync(join(folder.path, "labelled"), { recursive: true });
  writeFileSync(join(place, "README.md"), "changed");
  expect(await labels()).toMatchObject({ "org.opencontainers.image.revision": `${commit}-dirty` });
}, 30_000);

test("it is pushed to the registry of its name on a base from there, as docker login left it", async () => {
  await using registry = await TestRegistry.start();
  const sample = await sampleImage();
  for (const bytes of [sample.config, sample.packed]) registry.keep("base/node", bytes);
  registry.manifests.set("base/node:24", { mediaType: "application/vnd.docker.distribution.manifest.v2+json", bytes: sample.manifest });
  registry.login = { scheme: "token", user: "ann", password: "secret" };
  const auth = Buffer.from("ann:secret").toString("base64");
  writeFileSync(join(folder.path, "config.json"), JSON.stringify({ auths: { [registry.name]: { auth } } }));
  process.env["DOCKER_CONFIG"] = folder.path;
  const name = `${registry.name}/team/operator:1.2`;
  const { out } = await succeed(small, ["build", "--image", name, "--base-image", `${registry.name}/base/node:24`, "--push"]);
  const pushed = registry.manifests.get("team/operator:1.2");
  expect(out).toContain(`${name}  ${sha256(pushed?.bytes ?? Buffer.of())}`);
  expect(out).toContain(`pushed to ${registry.name}: 2 blobs sent, 1 there already`);
  const { config } = JSON.parse(pushed?.bytes.toString() ?? "") as { config: { digest: string } };
  const labels = (JSON.parse(registry.blobs.get(config.digest)?.toString() ?? "") as Unpacked["config"]).config.Labels;
  expect(labels).toMatchObject({
    "org.opencontainers.image.base.name": `${registry.name}/base/node:24`,
    "org.opencontainers.image.base.digest": sha256(sample.manifest),
  });
  expect(existsSync(join(small, "dist/image.tar"))).toBe(false);
}, 30_000);

test("it is loaded into docker, podman and kind by an archive that goes again", async () => {
  for (const [target, line] of [
    ["docker", /^load --input (\S+)$/],
    ["podman", /^load --input (\S+)$/],
    ["kind=dev", /^load image-archive (\S+) --name dev$/],
  ] as const) {
    const [program = ""] = target.split("=");
    const kept = join(folder.path, `${program}.tar`);
    const log = fake(program, `for file; do case $file in *.tar) cp "$file" ${kept};; esac; done`);
    const { out } = await succeed(small, ["build", "--base-image", base, "--load", target]);
    expect(out).toContain(`loaded into ${program === "kind" ? "the kind cluster dev" : program}`);
    const [, file = ""] = line.exec(readFileSync(log, "utf8").trim()) ?? [];
    expect(file).toMatch(/\.tar$/);
    expect(existsSync(file)).toBe(false);
    const { docker } = await unpack(readFileSync(kept), join(folder.path, `${program}-root`));
    expect(docker).toHaveLength(1);
  }
}, 60_000);

test("a base image is read from docker and podman", async () => {
  for (const [program, transport, line] of [
    ["docker", "docker-daemon:", "save node:24"],
    ["podman", "containers-storage:", "save --format docker-archive node:24"],
  ] as const) {
    const log = fake(program, `cat ${base}`);
    await succeed(small, ["build", "--base-image", `${transport}node:24`, "--output", "engine.tar"]);
    expect(readFileSync(log, "utf8").trim()).toBe(line);
    const { config } = await unpack(readFileSync(join(small, "engine.tar")), join(folder.path, `base-of-${program}`));
    expect(config.config.Labels).toMatchObject({ "org.opencontainers.image.base.name": "docker.io/library/node:24" });
  }
}, 30_000);

test("an engine that fails, and one that is not there, are told in its words", async () => {
  fake("docker", "echo Cannot connect to the Docker daemon >&2; exit 1");
  expect(await scaffold(small, ["build", "--base-image", base, "--load", "docker"])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^docker load --input \S+ failed \(1\):\nCannot connect to the Docker daemon$/),
  });
  process.env["PATH"] = folder.path;
  expect((await scaffold(small, ["build", "--base-image", base, "--load", "podman"])).err).toBe(
    "podman is not installed, or not in PATH. Without it, an archive (--output FILE) or a registry (--push) will do.",
  );
}, 30_000);

test("the Node may be given as a link or as a script that starts it", async () => {
  const link = join(folder.path, "node-link");
  symlinkSync(process.execPath, link);
  const script = join(folder.path, "node-script");
  writeFileSync(script, `#!/bin/sh\nexec ${process.execPath} "$@"\n`, { mode: 0o755 });
  const digests = new Set<string>();
  for (const node of [process.execPath, link, script]) {
    digests.add(digestIn((await succeed(small, ["build", "--node", node])).out));
  }
  expect(digests.size).toBe(1);
}, 60_000);

test("a Node that is too old for the options of operators is refused: its pods would end at once", async () => {
  const old = join(folder.path, "node-old");
  writeFileSync(old, `#!/bin/sh\n[ "$1" = -p ] && exec ${process.execPath} "$@"\nexit 9\n`, { mode: 0o755 });
  const { code, err } = await scaffold(small, ["build", "--node", old]);
  expect(code).toBe(1);
  expect(err).toBe(
    `--node ${old}: Node ${process.versions.node} does not know the options that operators are started with (${NODE_FLAGS.join(" ")}). ` +
      "Pass the path of a Node for Linux, such as --node node_modules/node/bin/node.",
  );
});

test("options that make no sense are refused before anything is built", async () => {
  const cases: [string[], string][] = [
    [["--image", "Operator"], "--image Operator is not a name of an image: its path has lower-case letters and digits"],
    [["--image", `a@sha256:${"0".repeat(64)}`], "--image gives the image a name: pass a tag instead of a digest."],
    [["--load", "minikube"], "--load minikube is nothing to load into: use docker, podman, kind or kind=CLUSTER."],
    [["--platform", "amd64"], "--platform amd64 is not a platform of Linux: use one such as linux/amd64 or linux/arm64."],
    [["--node", "x", "--base-image", "y"], "Arguments node and base-image are mutually exclusive"],
    [["--node", "nowhere"], "nowhere: there is no such file."],
    [["--node", "/bin/true"], "--node /bin/true: it does not answer as Node does."],
    [["--node", process.execPath, "--platform", "linux/s390x"], "not for linux/s390x: pass a Node for it, or a base image."],
    [["--base-image", "nowhere.tar"], "There is no file nowhere.tar, which is the base image."],
    [["--base-image", "No"], "--base-image No is not a name of an image"],
    [["--base-image", "PROJECT"], "PROJECT is no archive of an image"],
  ];
  for (const [args, message] of cases) {
    const { code, out, err } = await scaffold(small, ["build", ...args]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(message);
    expect(err.split("\n")).toHaveLength(1);
  }
}, 60_000);

test("dependencies that are not locked are refused", async () => {
  const lock = join(small, "package-lock.json");
  const kept = readFileSync(lock);
  rmSync(lock);
  const { code, err } = await scaffold(small, ["build", "--base-image", base]);
  expect({ code, err }).toEqual({ code: 1, err: "There is no package-lock.json: run npm install, and keep the file in version control." });
  writeFileSync(lock, kept);
});

test("outside of a project there is one line that says so, and help shows how it is used", async () => {
  const empty = join(folder.path, "nothing");
  mkdirSync(empty);
  expect((await scaffold(empty, ["build"])).err).toContain("There is no PROJECT file");
  const { out } = await succeed(empty, ["build", "--help"]);
  expect(out).toContain(BASE_IMAGE);
  expect(out.replaceAll(/\s+/g, " ")).toContain("scaffold build --image operator:0.1.0 --load kind to the nodes of a kind cluster");
});

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { BlobCache } from "../../../generators/image/blob-cache.ts";
import { credentialsFor } from "../../../generators/image/credentials.ts";
import { imageOf, type Image } from "../../../generators/image/image.ts";
import { layerOf } from "../../../generators/image/layer.ts";
import { push } from "../../../generators/image/push.ts";
import { parseReference } from "../../../generators/image/reference.ts";
import { baseFromRegistry } from "../../../generators/image/registry-base.ts";
import type { RegistryOptions } from "../../../generators/image/registry.ts";
import { temporaryFolder } from "../temporary.ts";
import { TestRegistry } from "./registry.ts";
import { blob, json, sampleImage, sha256, type SampleImage } from "./samples.ts";

const platform = { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch };
let folder: ReturnType<typeof temporaryFolder>;
let cache: BlobCache;
let registry: TestRegistry;
let sample: SampleImage;
let waits: number[];
let options: RegistryOptions;

beforeEach(async () => {
  folder = temporaryFolder();
  cache = new BlobCache(join(folder.path, "blobs"));
  registry = await TestRegistry.start();
  sample = await sampleImage();
  waits = [];
  options = {
    credentials: () => Promise.resolve(undefined),
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  };
});

afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

function publish(repository = "team/node", { config, packed, manifest } = sample): void {
  registry.keep(repository, config);
  registry.keep(repository, packed);
  const kept = { mediaType: "application/vnd.docker.distribution.manifest.v2+json", bytes: manifest };
  registry.manifests.set(`${repository}:24`, kept).set(`${repository}@${sha256(manifest)}`, kept);
}

const pull = (name = "team/node:24", platforms = [platform]): ReturnType<typeof baseFromRegistry> =>
  baseFromRegistry(parseReference(`${registry.name}/${name}`, "--base-image"), platforms, cache, options);

/** An image on a base: one layer with one file. */
async function onBase(base: Awaited<ReturnType<typeof pull>>, content = "the operator"): Promise<Image> {
  const layer = await layerOf([{ path: "/app/main.js", content }], 0, cache);
  return imageOf({
    base,
    layer,
    command: ["main.js"],
    environment: {},
    labels: {},
    folder: "/app",
    user: "65532:65532",
    createdBy: "a test",
    seconds: 0,
  });
}

const target = (name: string): ReturnType<typeof parseReference> => parseReference(`${registry.name}/${name}`, "--image");

test("a base image is read by its tag, and its layers only once", async () => {
  publish();
  const base = await pull();
  expect(base).toMatchObject({
    name: `${registry.name}/team/node:24`,
    digest: sha256(sample.manifest),
    images: [{ node: "/usr/local/bin/node" }],
  });
  expect(base.images[0]?.layers[0]?.descriptor.mediaType).toBe("application/vnd.oci.image.layer.v1.tar+gzip");
  const before = registry.seen.length;
  await pull();
  expect(registry.seen.slice(before).map(({ path }) => path)).toEqual(["/v2/team/node/manifests/24"]);
});

test("a base image of a digest needs no registry when it has been read before", async () => {
  publish();
  const name = `team/node@${sha256(sample.manifest)}`;
  await pull(name);
  registry.fault = () => ({ status: 500 });
  expect((await pull(name)).digest).toBe(sha256(sample.manifest));
});

test("what is damaged in the cache is read again", async () => {
  publish();
  await pull();
  writeFileSync(join(folder.path, "blobs", sha256(sample.packed).replace(":", "/")), "damaged");
  const [image] = (await pull()).images;
  expect(Buffer.from((await image?.layers[0]?.bytes()) ?? [])).toEqual(Buffer.from(sample.packed));
});

test("of an index the image of each platform that is asked for is taken, and attestations are left alone", async () => {
  const other = await sampleImage({ architecture: "s390x", files: { "usr/local/bin/node": "another Node" } });
  publish();
  publish("team/node", other);
  const attestation = {
    ...blob("application/vnd.oci.image.manifest.v1+json", json({})),
    platform: { os: "unknown", architecture: "unknown" },
  };
  const entry = (manifest: Buffer, architecture: string): object => ({
    ...blob("application/vnd.docker.distribution.manifest.v2+json", manifest),
    platform: { os: "linux", architecture },
  });
  const bytes = json({ manifests: [attestation, entry(sample.manifest, platform.architecture), entry(other.manifest, "s390x")] });
  registry.manifests.set("team/node:24", { mediaType: "application/vnd.oci.image.index.v1+json", bytes });
  const base = await pull("team/node:24", [platform, { os: "linux", architecture: "s390x" }]);
  expect(base.images.map((one) => one.platform.architecture)).toEqual([platform.architecture, "s390x"]);
  const image = await onBase(base);
  await push(image, target("team/operator:1"), options);
  const pushed = registry.manifests.get("team/operator:1");
  expect(pushed?.mediaType).toBe("application/vnd.oci.image.index.v1+json");
  expect(pushed && sha256(pushed.bytes)).toBe(image.root.descriptor.digest);
  await expect(pull("team/node:24", [{ os: "linux", architecture: "riscv64" }])).rejects.toThrow(
    `has no image for linux/riscv64, only for linux/${platform.architecture}, linux/s390x: choose with --platform.`,
  );
});

test("an image is pushed with what it needs before what names it, and a second push sends nothing", async () => {
  publish();
  const image = await onBase(await pull());
  // The test's registry refuses a manifest whose blobs are not there.
  expect(await push(image, target("other/operator:1"), options)).toEqual({ sent: 2, there: 1 });
  expect(sha256(registry.manifests.get("other/operator:1")?.bytes ?? Buffer.of())).toBe(image.root.descriptor.digest);
  expect(await push(image, target("other/operator:2"), options)).toEqual({ sent: 0, there: 3 });
});

test("layers of the base are mounted from its repository, and sent where that does not go", async () => {
  publish();
  const image = await onBase(await pull());
  await push(image, target("team/operator:1"), options);
  const mount = `/v2/team/operator/blobs/uploads/?mount=${encodeURIComponent(sha256(sample.packed))}&from=team%2Fnode`;
  expect(registry.requests("POST")).toContain(mount);
  expect(registry.requests("PUT").filter((path) => path.includes(encodeURIComponent(sha256(sample.packed))))).toEqual([]);

  await using elsewhere = await TestRegistry.start();
  const there = parseReference(`${elsewhere.name}/team/operator:1`, "--image");
  expect(await push(image, there, options)).toEqual({ sent: 3, there: 0 });
});

test("a registry that is busy is asked again, after as long as it says", async () => {
  publish();
  const answers = [{ status: 503 }, { status: 429, headers: { "retry-after": "7" } }, { status: 502 }];
  registry.fault = ({ path }) => (path.includes("manifests") ? answers.shift() : undefined);
  expect((await pull()).images).toHaveLength(1);
  expect(waits).toEqual([250, 7000, 1000]);
});

test("one that stays busy is given up with what it says, and one that is not there with where it should be", async () => {
  registry.fault = () => ({ status: 503 });
  await expect(pull()).rejects.toThrow(`The registry ${registry.name} answered 503 Service Unavailable, after 5 tries.`);
  const { name } = registry;
  await registry[Symbol.asyncDispose]();
  const reference = parseReference(`${name}/team/node:24`, "--base-image");
  registry = await TestRegistry.start();
  await expect(baseFromRegistry(reference, [platform], cache, options)).rejects.toThrow(
    `The registry ${name} cannot be reached at http://${name} (ECONNREFUSED), after 5 tries.`,
  );
});

test("a registry that asks for an hour's patience is not waited for", async () => {
  registry.fault = () => ({ status: 429, headers: { "retry-after": "3600" } });
  await expect(pull()).rejects.toThrow("answered 429 Too Many Requests, after 1 tries.");
  expect(waits).toEqual([]);
});

test("a download that is cut off is begun again", async () => {
  publish();
  let cut = 2;
  registry.fault = ({ path }) => (path.endsWith(sha256(sample.packed)) && cut-- > 0 ? "cut" : undefined);
  const [image] = (await pull()).images;
  expect(Buffer.from((await image?.layers[0]?.bytes()) ?? [])).toEqual(Buffer.from(sample.packed));
  expect(waits).toEqual([250, 500]);
});

test("bytes that are not what the digest promises are refused, and not kept", async () => {
  publish();
  registry.fault = ({ path }) => (path.endsWith(sha256(sample.packed)) ? "garbled" : undefined);
  await expect(pull()).rejects.toThrow(`The blob ${sha256(sample.packed)} of ${registry.name}/team/node is damaged: its digest is sha256:`);
  registry.fault = () => undefined;
  expect((await pull()).images).toHaveLength(1);
});

test("an upload that is interrupted is begun anew", async () => {
  publish();
  const image = await onBase(await pull());
  let cut = 2;
  registry.fault = ({ method, path }) => (method === "PUT" && path.includes("uploads") && cut-- > 0 ? "cut" : undefined);
  expect(await push(image, target("other/operator:1"), options)).toEqual({ sent: 2, there: 1 });
  expect(registry.requests("POST").filter((path) => path.startsWith("/v2/other"))).toHaveLength(5);
});

test("a registry that takes no upload says why", async () => {
  publish();
  const image = await onBase(await pull());
  const body = JSON.stringify({ errors: [{ code: "DENIED", message: "the quota is used up" }] });
  registry.fault = ({ method }) => (method === "POST" ? { status: 413, body } : undefined);
  await expect(push(image, target("other/operator:1"), options)).rejects.toThrow(
    `The registry ${registry.name} takes no upload to other/operator: 413 the quota is used up`,
  );
});

test("a name that is not there is told as such", async () => {
  await expect(pull("team/nothing:24")).rejects.toThrow(`${registry.name} has no team/nothing:24: check the name.`);
});

for (const scheme of ["basic", "token"] as const) {
  test(`a login is used when the registry asks for one (${scheme})`, async () => {
    publish();
    registry.login = { scheme, user: "ann", password: "s3cr3t:with:colons" };
    options = { ...options, credentials: () => Promise.resolve({ kind: "password", user: "ann", password: "s3cr3t:with:colons" }) };
    const image = await onBase(await pull());
    await push(image, target("team/operator:1"), options);
    expect(registry.manifests.has("team/operator:1")).toBe(true);
    if (scheme === "token") {
      const asked = registry.requests("GET").filter((path) => path.startsWith("/token"));
      const scopes = asked.map((path) => new URLSearchParams(path.split("?")[1]).getAll("scope"));
      expect(scopes).toContainEqual(["repository:team/node:pull"]);
      expect(scopes).toContainEqual(["repository:team/operator:pull,push", "repository:team/node:pull"]);
    }
  });
}

test("a refresh token is changed into a token for the repository", async () => {
  publish();
  registry.login = { scheme: "token", user: "", password: "refresh" };
  options = { ...options, credentials: () => Promise.resolve({ kind: "refresh-token", token: "refresh" }) };
  expect((await pull()).images).toHaveLength(1);
  expect(registry.requests("POST")).toEqual(["/token"]);
});

test("without a login, or with a wrong one, it says how to log in", async () => {
  publish();
  registry.login = { scheme: "token", user: "ann", password: "right" };
  await expect(pull()).rejects.toThrow(
    `does not give team/node/manifests/24: nobody is logged in. Log in with: docker login ${registry.name}`,
  );
  options = { ...options, credentials: () => Promise.resolve({ kind: "password", user: "ann", password: "wrong" }) };
  await expect(pull()).rejects.toThrow("who is logged in may not. Log in with");
});

test("a password is not sent in the clear to where a registry points", async () => {
  const challenge = { "www-authenticate": 'Bearer realm="http://tokens.example.com/token",service="x"' };
  registry.fault = () => ({ status: 401, headers: challenge });
  options = { ...options, credentials: () => Promise.resolve({ kind: "password", user: "ann", password: "secret" }) };
  await expect(pull()).rejects.toThrow("wants the password sent to http://tokens.example.com, which is not encrypted: it is not sent.");
});

test("blobs are followed to another host, and the login is not sent there", async () => {
  publish();
  await using storage = await TestRegistry.start();
  const bytes = new Map([sample.packed, sample.config].map((one) => [sha256(one), Buffer.from(one)]));
  storage.fault = ({ path }) => ({ status: 200, body: bytes.get(path.slice(1)) ?? "" });
  registry.login = { scheme: "basic", user: "ann", password: "secret" };
  registry.redirectBlobs = `http://${storage.name}`;
  options = { ...options, credentials: () => Promise.resolve({ kind: "password", user: "ann", password: "secret" }) };
  expect((await pull()).images).toHaveLength(1);
  expect(storage.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
});

test("logins are found where docker and podman leave them, and with their helpers", async () => {
  const home = folder.path;
  const environment = { HOME: home, PATH: `${home}:/usr/bin:/bin` };
  expect(await credentialsFor("registry.example.com", environment)).toBeUndefined();
  const auth = Buffer.from("ann:s3:cret").toString("base64");
  const hub = "docker.io";
  const config = join(home, "config.json");
  writeFileSync(
    config,
    JSON.stringify({
      auths: {
        [`https://index.${hub}/v1/`]: { auth },
        "idle.example.com": {},
        "token.example.com": { identitytoken: "t" },
        "broken.example.com": { auth: "%" },
      },
      credHelpers: { "helped.example.com": "test", "gone.example.com": "absent" },
      credsStore: "uninstalled",
    }),
  );
  const docker = { ...environment, DOCKER_CONFIG: home };
  const password = { kind: "password", user: "ann", password: "s3:cret" };
  expect(await credentialsFor("docker.io", docker)).toEqual(password);
  expect(await credentialsFor("idle.example.com", docker)).toBeUndefined();
  expect(await credentialsFor("token.example.com", docker)).toEqual({ kind: "refresh-token", token: "t" });
  await expect(credentialsFor("broken.example.com", docker)).rejects.toThrow("is not user:password in base64");
  await expect(credentialsFor("gone.example.com", docker)).rejects.toThrow("kept by docker-credential-absent, which is not installed");

  const helper = join(home, "docker-credential-test");
  const answers = (script: string): void => {
    writeFileSync(helper, `#!/bin/sh\n${script}\n`);
    chmodSync(helper, 0o755);
  };
  answers(`read host; echo "{\\"Username\\":\\"for $host\\",\\"Secret\\":\\"s\\"}"`);
  expect(await credentialsFor("helped.example.com", docker)).toEqual({ kind: "password", user: "for helped.example.com", password: "s" });
  answers(`echo '{"Username":"<token>","Secret":"r"}'`);
  expect(await credentialsFor("helped.example.com", docker)).toEqual({ kind: "refresh-token", token: "r" });
  answers("echo credentials not found in native keychain; exit 1");
  expect(await credentialsFor("helped.example.com", docker)).toBeUndefined();
  answers("echo the keychain is locked; exit 3");
  await expect(credentialsFor("helped.example.com", docker)).rejects.toThrow(
    "docker-credential-test, which ended with 3: the keychain is locked",
  );

  writeFileSync(join(home, "auth.json"), JSON.stringify({ auths: { "docker.io": { auth } } }));
  expect(await credentialsFor("docker.io", { ...environment, REGISTRY_AUTH_FILE: join(home, "auth.json") })).toEqual(password);
  writeFileSync(config, "{");
  await expect(credentialsFor("docker.io", docker)).rejects.toThrow(`${config}, which has the credentials of registries, cannot be read`);
});

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { loadConnection } from "../../../runtime/client/index.ts";
import { servingCertificate } from "../../../runtime/webhook/index.ts";
import { DrivenClock } from "../driven-clock.ts";

const VARIABLES = ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HOME"];

let folder: string;
let environment: typeof process.env;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubescaffold-kubeconfig-"));
  environment = { ...process.env };
  process.env = { ...Object.fromEntries(Object.entries(environment).filter(([name]) => !VARIABLES.includes(name))), HOME: folder };
});
afterEach(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
});

interface Parts {
  user?: object;
  cluster?: object;
  context?: object;
  name?: string;
}

async function write(file: string, { user = {}, cluster = {}, context = {}, name = "test" }: Parts = {}): Promise<string> {
  const path = join(folder, file);
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name, ...context } }],
    clusters: [{ name, cluster: { server: `https://${name}.example.com:6443`, ...cluster } }],
    users: [{ name, user }],
  };
  await writeFile(path, JSON.stringify(config)); // JSON is YAML
  return path;
}

describe("a kubeconfig", () => {
  test("gives server, namespace, TLS material in place, and a token", async () => {
    const data = Buffer.from("PEM").toString("base64");
    const kubeconfig = await write("config", {
      cluster: { "certificate-authority-data": data, "tls-server-name": "kubernetes" },
      user: { token: "secret", "client-certificate-data": data, "client-key-data": data },
      context: { namespace: "web" },
    });
    const connection = await loadConnection({ kubeconfig });
    expect(connection).toMatchObject({
      server: "https://test.example.com:6443",
      namespace: "web",
      tls: { ca: "PEM", cert: "PEM", key: "PEM", serverName: "kubernetes", insecure: false },
    });
    expect(await connection.authenticate()).toEqual({ authorization: "Bearer secret" });
  });

  test("gives TLS material by paths, which begin at its own folder", async () => {
    await writeFile(join(folder, "ca.pem"), "CA");
    const kubeconfig = await write("config", { cluster: { "certificate-authority": "ca.pem", "insecure-skip-tls-verify": true } });
    expect(await loadConnection({ kubeconfig })).toMatchObject({ tls: { ca: "CA", insecure: true }, namespace: "default" });
  });

  test("gives a token from a file, which is read again after a minute, and kept while it cannot be", async () => {
    const clock = new DrivenClock();
    await writeFile(join(folder, "token"), "first\n");
    const kubeconfig = await write("config", { user: { tokenFile: "token" } });
    const { authenticate } = await loadConnection({ kubeconfig, clock });
    expect(await authenticate()).toEqual({ authorization: "Bearer first" });
    await writeFile(join(folder, "token"), "second\n");
    expect(await authenticate()).toEqual({ authorization: "Bearer first" });
    await clock.advance(60_001);
    expect(await authenticate()).toEqual({ authorization: "Bearer second" });
    await rm(join(folder, "token"));
    await clock.advance(60_001);
    expect(await authenticate()).toEqual({ authorization: "Bearer second" });
  });

  test("gives another context than the current one when it is named", async () => {
    const kubeconfig = await write("config");
    const config = JSON.parse(await readFile(kubeconfig, "utf8")) as { contexts: object[]; clusters: object[] };
    config.clusters.push({ name: "other", cluster: { server: "http://other:8080" } });
    config.contexts.push({ name: "other", context: { cluster: "other", namespace: "n" } });
    await writeFile(kubeconfig, JSON.stringify(config));
    expect(await loadConnection({ kubeconfig, context: "other" })).toMatchObject({ server: "http://other:8080", namespace: "n" });
  });

  test("asks a credential plugin, once for however many calls at a time", async () => {
    const plugin = join(folder, "plugin.sh");
    const count = join(folder, "count");
    const credential = JSON.stringify({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "from-plugin", expirationTimestamp: "2020-01-01T00:00:00Z" },
    });
    await writeFile(plugin, `#!/bin/sh\necho x >> ${count}\necho '${credential}'\n`);
    await chmod(plugin, 0o755);
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: plugin, interactiveMode: "Never" };
    const { authenticate, server } = await loadConnection({ kubeconfig: await write("config", { user: { exec } }) });
    expect(server).toBe("https://test.example.com:6443");
    const before = (await readFile(count, "utf8")).length;
    const answers = await Promise.all([authenticate(), authenticate(), authenticate()]);
    expect(answers).toEqual(Array(3).fill({ Authorization: "Bearer from-plugin" }));
    expect((await readFile(count, "utf8")).length - before).toBe("x\n".length);
  }, 30_000);

  test("with a plugin that fails says so in one line", async () => {
    const exec = { apiVersion: "client.authentication.k8s.io/v1", command: join(folder, "missing"), interactiveMode: "Never" };
    const kubeconfig = await write("config", { user: { exec } });
    const error: unknown = await loadConnection({ kubeconfig }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "kubeconfig", message: expect.stringContaining(`${kubeconfig}: no credentials: `) });
    expect(String(error)).not.toContain("\n");
  });

  test("with a user name and password uses both", async () => {
    const kubeconfig = await write("config", { user: { username: "me", password: "pw" } });
    const { authenticate } = await loadConnection({ kubeconfig });
    expect(await authenticate()).toEqual({ authorization: `Basic ${Buffer.from("me:pw").toString("base64")}` });
  });

  test("with a user to be impersonated says so to the server", async () => {
    const kubeconfig = await write("config", { user: { token: "secret", as: "somebody" } });
    const { authenticate } = await loadConnection({ kubeconfig });
    expect(await authenticate()).toEqual({ "Impersonate-User": "somebody", authorization: "Bearer secret" });
  });

  test("with groups and more to be impersonated says them, too", async () => {
    const user = { as: "somebody", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": { "example.com/x": ["1"] } };
    const { authenticate } = await loadConnection({ kubeconfig: await write("config", { user }) });
    expect(await authenticate()).toEqual({
      "Impersonate-User": "somebody",
      "Impersonate-Uid": "7",
      "Impersonate-Group": ["a", "b"],
      "Impersonate-Extra-example.com%2Fx": ["1"],
    });
  });

  test("names an HTTP proxy", async () => {
    const kubeconfig = await write("config", { cluster: { "proxy-url": "http://proxy:3128" } });
    expect((await loadConnection({ kubeconfig })).proxy?.href).toBe("http://proxy:3128/");
  });
});

describe("where it is looked for", () => {
  test("KUBECONFIG comes before the home folder", async () => {
    await mkdir(join(folder, ".kube"));
    await write(".kube/config", { name: "home" });
    expect(await loadConnection()).toMatchObject({ server: "https://home.example.com:6443" });
    process.env["KUBECONFIG"] = await write("mine", { name: "mine" });
    expect(await loadConnection()).toMatchObject({ server: "https://mine.example.com:6443" });
  });

  test("several files in KUBECONFIG are one, the first wins, and those that are not there are passed over", async () => {
    const first = await write("first", { name: "first" });
    const second = await write("second", { name: "second" });
    process.env["KUBECONFIG"] = [join(folder, "none"), first, second].join(delimiter);
    expect(await loadConnection()).toMatchObject({ server: "https://first.example.com:6443" });
    expect(await loadConnection({ context: "second" })).toMatchObject({ server: "https://second.example.com:6443" });
    await mkdir(join(folder, "below"));
    await writeFile(join(folder, "below", "ca.pem"), "CA");
    const below = await write("below/third", { name: "third", cluster: { "certificate-authority": "ca.pem" } });
    process.env["KUBECONFIG"] = [first, below].join(delimiter);
    expect(await loadConnection({ context: "third" })).toMatchObject({ tls: { ca: "CA" } });
    process.env["KUBECONFIG"] = [join(folder, "none"), first, second].join(delimiter);
    process.env["KUBECONFIG"] = [join(folder, "none"), second].join(delimiter);
    expect(await loadConnection()).toMatchObject({ server: "https://second.example.com:6443" });
    process.env["KUBECONFIG"] = [join(folder, "none"), join(folder, "neither")].join(delimiter);
    await expect(loadConnection()).rejects.toThrow(/KUBECONFIG names .*none and .*neither, and none of them exists/);
  });

  test("a pod finds its service account, whose token is read again", async () => {
    const clock = new DrivenClock();
    process.env["KUBERNETES_SERVICE_HOST"] = "fd00::1";
    process.env["KUBERNETES_SERVICE_PORT"] = "443";
    for (const [file, text] of Object.entries({ "ca.crt": "CA", token: "one", namespace: "system\n" }))
      await writeFile(join(folder, file), text);
    const connection = await loadConnection({ serviceAccountFolder: folder, clock });
    expect(connection).toMatchObject({ server: "https://[fd00::1]:443", tls: { ca: "CA" }, namespace: "system" });
    expect(await connection.authenticate()).toEqual({ authorization: "Bearer one" });
    await writeFile(join(folder, "token"), "two");
    await clock.advance(60_001);
    expect(await connection.authenticate()).toEqual({ authorization: "Bearer two" });
  });
});

describe("what is wrong is said in one line:", () => {
  test.each([
    ["no file", undefined, /^no cluster: cannot read the kubeconfig .*; name one with --kubeconfig or KUBECONFIG$/],
    ["no YAML", "a: [", /is not a kubeconfig: /],
    ["no mapping", "- a", /is not a kubeconfig: it holds no mapping$/],
    ["no context", "{}", /no context is chosen; set current-context or name a context$/],
    ["a context that is not there", "current-context: x", /there is no context named x$/],
    ["a cluster that is not there", "current-context: x\ncontexts: [{name: x, context: {cluster: y}}]", /there is no cluster named y$/],
    [
      "no server",
      "current-context: x\ncontexts: [{name: x, context: {cluster: x}}]\nclusters: [{name: x, cluster: {}}]",
      /the cluster has no server$/,
    ],
    [
      "a certificate that is not there",
      "current-context: x\ncontexts: [{name: x, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: https://a, certificate-authority: no.pem}}]",
      /cannot read certificate-authority no.pem$/,
    ],
    [
      "a proxy of another kind",
      "current-context: x\ncontexts: [{name: x, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: https://a, proxy-url: socks5://p}}]",
      /the cluster's proxy-url is not the URL of an http or https proxy; others are not supported$/,
    ],
    [
      "a server that is no URL",
      "current-context: x\ncontexts: [{name: x, context: {cluster: x}}]\nclusters: [{name: x, cluster: {server: example.com}}]",
      /the cluster's server example.com is no http or https URL$/,
    ],
    ["an empty file", " \n", /config is not a kubeconfig: it is empty$/],
    ["a binary file", "\u0000\u0001\u0002\uFFFD\u007F{{{", /config is not a kubeconfig: /],
    ["a huge file", "x".repeat(11 * 1024 * 1024), /cannot read the kubeconfig .*config \(it has 11 MiB\); name one/],
  ])("%s", async (_name, text, message) => {
    const kubeconfig = join(folder, "config");
    if (text !== undefined) await writeFile(kubeconfig, text);
    const error: unknown = await loadConnection({ kubeconfig }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "kubeconfig", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("\n");
  });

  test("a folder", async () => {
    await expect(loadConnection({ kubeconfig: folder })).rejects.toThrow(
      /cannot read the kubeconfig .* \(EISDIR: .*\); name one with --kubeconfig or KUBECONFIG$/,
    );
  });

  test("a pod without a service account", async () => {
    process.env["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
    await expect(loadConnection({ serviceAccountFolder: folder })).rejects.toThrow(/is automountServiceAccountToken off\?$/);
  });

  test("a context that several files do not have", async () => {
    process.env["KUBECONFIG"] = [await write("a", { name: "a" }), await write("b", { name: "b" })].join(delimiter);
    await expect(loadConnection({ context: "c" })).rejects.toThrow(/a and .*b: there is no context named c$/);
  });
});

test("client certificates are material that the transport can use", async () => {
  const now = Date.now();
  const { cert, key } = await servingCertificate({ commonName: "me", names: ["me"], notBefore: now, notAfter: now + 60_000 });
  const kubeconfig = await write("config", {
    user: { "client-certificate-data": Buffer.from(cert).toString("base64"), "client-key-data": Buffer.from(key).toString("base64") },
  });
  expect((await loadConnection({ kubeconfig })).tls).toMatchObject({ cert, key });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect } from "@kubescaffold/runtime";
import { eventually } from "@kubescaffold/runtime/testing";
import { labelsOf, projectWithWebhooks } from "./dev-ending.ts";
import { Dev } from "./dev-process.ts";
import { scaffold } from "./terminal.ts";

/** `scaffold dev` without a cluster: what the project's webhooks say holds for everybody who talks to the embedded one. */
let project: Awaited<ReturnType<typeof projectWithWebhooks>>;
beforeAll(async () => {
  project = await projectWithWebhooks();
});
afterAll(() => project[Symbol.dispose]());

test("webhooks work out of the box, and follow the sources; a crashed operator is named to whom it concerns", async () => {
  await using dev = new Dev(project.path);
  const [, kubeconfig = ""] = await dev.shows(/export KUBECONFIG=(\S+)/);
  await dev.shows(/webhooks lead to https:\/\/127\.0\.0\.1:\d+: cache-operator-mutating-webhook-configuration/);
  using connection = await connect({ kubeconfig });
  const { client } = connection;
  expect(await labelsOf(client)).toEqual({ by: "defaulter" });
  project.validates(true);
  await dev.shows(/webhooks lead to \S+ cache-operator-validating-webhook-configuration/);
  await expect(labelsOf(client)).rejects.toThrow(/denied the request: not today/);
  project.validates(false);
  await dev.shows(/delete config\/webhook|update config\/webhook/);
  await eventually(async () => expect(await labelsOf(client)).toEqual({ by: "defaulter" }));

  const main = join(project.path, "main.ts");
  const good = readFileSync(main, "utf8");
  writeFileSync(main, good.replace("await manager.run()", "process.exit(3)"));
  await dev.shows(/the operator ended with exit code 3/);
  await expect(labelsOf(client)).rejects.toThrow(/failed calling webhook.*the operator of scaffold dev on \S+ ended with exit code 3/);
  writeFileSync(main, good);
  await eventually(async () => expect(await labelsOf(client)).toEqual({ by: "defaulter" }), { timeout: 20_000 });
  expect(await dev.interrupt()).toBe(0);
  // Its certificate is there until it has ended.
  expect(dev.out).not.toContain("a new certificate cannot be used");
}, 90_000);

test("webhooks that the sources get while it runs lead here too; --no-webhooks leaves them out", async () => {
  const main = join(project.path, "main.ts");
  const good = readFileSync(main, "utf8");
  writeFileSync(main, good.replace(/manager\.webhook\(.*\n/, ""));
  await using dev = new Dev(project.path);
  const [, kubeconfig = ""] = await dev.shows(/export KUBECONFIG=(\S+)[^]*Starting Controller/);
  expect(dev.out).not.toContain("Serving webhook server");
  using connection = await connect({ kubeconfig });
  expect(await labelsOf(connection.client)).toBeUndefined();
  writeFileSync(main, good);
  await dev.shows(/webhooks lead to/);
  expect(await labelsOf(connection.client)).toEqual({ by: "defaulter" });

  await using without = new Dev(project.path, "--no-webhooks");
  await without.shows(/Starting Controller/);
  expect(without.out).not.toMatch(/webhooks lead|Serving webhook server/);
}, 60_000);

test("what the options say wrong is one line", async () => {
  const err = async (...args: string[]): Promise<string> => (await scaffold(project.path, ["dev", ...args])).err;
  expect(await err("--webhook-port", "70000")).toBe("--webhook-port is not a port number: use one from 1 to 65535.");
  expect(await err("--webhook-host", "https://x")).toBe(
    "--webhook-host https://x is no address: write a host name or an IP address, and :PORT where it is another.",
  );
  expect(await err("--restore")).toBe("--restore is for a cluster of yours: pass --context or --kubeconfig too.");
  expect(await err("--webhook-failure-policy", "Perhaps")).toBe(
    "--webhook-failure-policy Perhaps: use Fail, which refuses, or Ignore, which lets pass.",
  );
  expect((await scaffold(project.path, ["dev", "--help"])).out).toMatch(/--webhook-host [^]*scaffold dev --context staging --restore/);
});

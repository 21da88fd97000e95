import { afterEach, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Manager } from "../../../runtime/manager/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { recorder } from "../recorder.ts";

const INDEX = join(import.meta.dirname, "../../../runtime/index.ts");

let child: ChildProcess | undefined;
afterEach(() => {
  if (child?.exitCode === null) child.kill("SIGKILL");
});

/** A process that runs a manager with what `add` adds to it. */
function running(add: string, grace = "200ms") {
  const code = `
    import { Manager } from ${JSON.stringify(INDEX)};
    const manager = await Manager.create({ gracefulShutdownTimeout: ${JSON.stringify(grace)} });
    ${add}
    await manager.run();`;
  const operator = spawn(process.execPath, ["--input-type=module", "--eval", code], { stdio: ["ignore", "pipe", "pipe"] });
  child = operator;
  let told = "";
  operator.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  const exit = once(operator, "exit");
  return { child: operator, exit, told: () => told };
}

const endless = `
  setInterval(() => {}, 1000);
  manager.add({ start: () => new Promise(() => process.stdout.write("up")) });`;

test("a runnable that does not end when it is told to cannot keep the process", async () => {
  const it = running(endless);
  await once(it.child.stdout, "data");
  it.child.kill("SIGTERM");
  expect(await it.exit).toEqual([0, null]);
  expect(it.told()).toContain("goes on though its signal aborted");
});

test("not even after a failure, which is told once", async () => {
  const it = running(`${endless}
    manager.add({ start: () => Promise.reject(new Error("no disk")) });
    manager.add({ start: () => Promise.reject(new Error("no disk either")) });`);
  expect(await it.exit).toEqual([1, null]);
  expect(it.told().match(/"level":"error"/g)).toHaveLength(1);
});

test("a second signal ends the process at once", async () => {
  const it = running(endless, "1h");
  await once(it.child.stdout, "data");
  it.child.kill("SIGINT");
  await eventually(() => expect(it.told()).toContain("Stopping and waiting"));
  it.child.kill("SIGTERM");
  expect(await it.exit).toEqual([1, null]);
});

test("run ends when something else stops the manager", async () => {
  const manager = await Manager.create({ log: recorder().log });
  let up = false;
  manager.add({ start: () => Promise.resolve(void (up = true)) });
  const run = manager.run();
  await eventually(() => expect(up).toBe(true));
  await manager.stop();
  await run;
});

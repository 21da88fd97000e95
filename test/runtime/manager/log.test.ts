import { describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { jsonLogger, LeadershipLostError, type LogLevel } from "../../../runtime/manager/index.ts";
import { standardError } from "../../../runtime/manager/standard-error.ts";
import { TerminalError } from "../../../runtime/controller/index.ts";

function logged(level: LogLevel, write: (log: ReturnType<typeof jsonLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(jsonLogger(level, { write: (line: string) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a line has controller-runtime's field names, and those of its logger", () => {
  const [line] = logged("info", (log) => log.child({ controller: "memcached" }).info("Starting Controller", { workers: 3 }));
  expect(line).toEqual({
    level: "info",
    ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    msg: "Starting Controller",
    controller: "memcached",
    workers: 3,
  });
});

test("what is below the level is not written", () => {
  expect(logged("warn", (log) => { log.debug("a"); log.info("b"); log.warn("c"); log.error("d", new Error("e")); })).toHaveLength(2); // prettier-ignore
  expect(logged("silent", (log) => log.error("d", new Error("e")))).toEqual([]);
});

test("an error is told with its causes in one line, and with its stack when it is a fault of the program", () => {
  const cause = new Error("the disk is full");
  const [fault, expected, lost] = logged("info", (log) => {
    log.error("failed", new Error("cannot write", { cause }));
    log.error("failed", new TerminalError("cannot ever work", { cause }));
    log.error("failed", new LeadershipLostError("somebody else leads"));
  });
  expect(fault).toMatchObject({
    level: "error",
    error: "cannot write: the disk is full",
    stacktrace: expect.stringContaining("log.test.ts"),
  });
  expect(expected).toMatchObject({ error: "cannot ever work: the disk is full" });
  for (const each of [expected, lost]) expect(each).not.toHaveProperty("stacktrace");
});

test.each([
  ["a text", "a text"],
  [undefined, "undefined"],
  [Object.create(null), "[Object: null prototype] {}"],
  [{ code: 7 }, "{ code: 7 }"],
])("whatever was thrown (%p) can be told", (thrown: unknown, error) => {
  expect(logged("info", (log) => log.error("failed", thrown))[0]).toMatchObject({ error });
});

test("of a Secret only the name is told, whether it is a field or was thrown", () => {
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "a" }, data: { password: "aHVudGVyMg==" } };
  const [field, thrown] = logged("info", (log) => {
    log.info("found", { secret, others: 1 });
    log.error("failed", secret);
  });
  expect(field).toMatchObject({ secret: { apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "a" } }, others: 1 });
  expect(thrown?.["error"]).toContain("name: 'a'");
  expect(JSON.stringify([field, thrown])).not.toContain("aHVudGVyMg==");
});

describe("standard error", () => {
  const failing = (code: string) => Object.assign(new Error(code), { code });

  test("takes a line in parts, and waits a little for a reader that is slow", () => {
    let text = "";
    let calls = 0;
    const stream = standardError((bytes) => {
      if (++calls % 2 === 1) throw failing("EAGAIN");
      text += bytes.subarray(0, 4).toString();
      return Math.min(4, bytes.length);
    });
    stream.write("one line\n");
    expect(text).toBe("one line\n");
  });

  test("gives up what nobody reads, and waits no more until somebody does", () => {
    let full = true;
    let calls = 0;
    let text = "";
    const stream = standardError((bytes) => {
      calls++;
      if (full) throw failing("EAGAIN");
      text += bytes.toString();
      return bytes.length;
    });
    stream.write("lost\n");
    expect(calls).toBeGreaterThan(10);
    calls = 0;
    stream.write("lost too\n");
    expect(calls).toBe(1);
    full = false;
    stream.write("read\n");
    expect(text).toBe("read\n");
  });

  test("that is closed ends no process", async () => {
    const file = join(import.meta.dirname, "../../../runtime/manager/log.ts");
    const code = `
      import { jsonLogger } from ${JSON.stringify(file)};
      const log = jsonLogger();
      log.info("first");
      process.stdin.once("data", () => {
        for (let line = 0; line < 1000; line++) log.info("x".repeat(1000));
        process.stdout.write("alive");
        process.stdin.destroy();
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code]);
    await once(child.stderr, "data");
    child.stderr.destroy();
    child.stdin.write("go");
    const [[output], [status]] = (await Promise.all([once(child.stdout, "data"), once(child, "exit")])) as [[Buffer], [number]];
    expect({ output: output.toString(), status }).toEqual({ output: "alive", status: 0 });
  });
});

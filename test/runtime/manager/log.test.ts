import { expect, test } from "@jest/globals";
import { jsonLogger, type LogLevel } from "../../../runtime/manager/index.ts";
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
  const [fault, expected] = logged("info", (log) => {
    log.error("failed", new Error("cannot write", { cause }));
    log.error("failed", new TerminalError("cannot ever work", { cause }));
  });
  expect(fault).toMatchObject({
    level: "error",
    error: "cannot write: the disk is full",
    stacktrace: expect.stringContaining("log.test.ts"),
  });
  expect(expected).toMatchObject({ error: "cannot ever work: the disk is full" });
  expect(expected).not.toHaveProperty("stacktrace");
});

test.each([
  ["a text", "a text"],
  [undefined, "undefined"],
  [Object.create(null), "[Object: null prototype] {}"],
  [{ code: 7 }, "{ code: 7 }"],
])("whatever was thrown (%p) can be told", (thrown: unknown, error) => {
  expect(logged("info", (log) => log.error("failed", thrown))[0]).toMatchObject({ error });
});

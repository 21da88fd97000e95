import { expect, test } from "@jest/globals";
import { readable } from "../../../generators/commands/dev/index.ts";

const plain = { color: false };

test("a log line becomes time, level, message, object and fields", () => {
  const line = JSON.stringify({
    level: "info",
    ts: "2026-01-02T03:04:05.678Z",
    controller: "ship",
    controllerKind: "Ship",
    namespace: "default",
    name: "sample",
    reconcileID: "x",
    replicas: 3,
    msg: "scaled",
  });
  expect(readable(line, plain)).toBe("03:04:05 INFO  scaled default/sample controller=ship replicas=3");
});

test("a fault of the program shows its stack", () => {
  expect(
    readable(
      JSON.stringify({ level: "error", ts: "2026-01-02T03:04:05.678Z", msg: "failed", error: "boom", stacktrace: "Error: boom\n  at x" }),
      plain,
    ),
  ).toBe("03:04:05 ERROR failed error=boom\nError: boom\n  at x");
});

test("everything else stays as it was printed", () => {
  for (const line of ["hello", "{not json", "{}", '{"level":1}', "[1]", ""]) expect(readable(line, plain)).toBe(line);
});

import { paint, type Color, type Console } from "../console.ts";

const colors: Readonly<Record<string, Color>> = { debug: "dim", info: "green", warn: "yellow", error: "red" };

/** Fields that repeat what the line says already, or are for machines. */
const hidden = new Set(["level", "ts", "msg", "controllerGroup", "controllerKind", "reconcileID", "namespace", "name", "stacktrace"]);

/**
 * A line of an operator's JSON log as people read it: time, level, message, fields. Lines that are no such log stay as they are.
 *
 * @example
 * {"level":"info","ts":"2026-01-02T03:04:05.678Z","msg":"scaled","namespace":"default","name":"sample","replicas":3}
 * 03:04:05 INFO  scaled default/sample replicas=3
 */
export function readable(line: string, console: Pick<Console, "color">): string {
  const entry = parsed(line);
  if (!entry) return line;
  const { level, ts, msg, namespace, name, stacktrace } = entry;
  const label = text(level);
  const object = name === undefined ? [] : [namespace === undefined ? text(name) : `${text(namespace)}/${text(name)}`];
  const fields = Object.entries(entry).flatMap(([key, value]) => (hidden.has(key) ? [] : [paint(console, "dim", `${key}=${text(value)}`)]));
  const first = [
    paint(console, "dim", text(ts).slice(11, 19)),
    paint(console, colors[label] ?? "dim", label.toUpperCase().padEnd(5)),
    text(msg),
    ...object,
    ...fields,
  ].join(" ");
  return stacktrace === undefined ? first : `${first}\n${text(stacktrace)}`;
}

function parsed(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "level" in entry && "msg" in entry ? { ...entry } : undefined;
  } catch (error) {
    // Something that a program printed and that begins like a log line.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}

import { inspect } from "node:util";
import { pino, type DestinationStream, type Logger as Pino } from "pino";
import { legible, type KubernetesObject, type LogFields, type Logger } from "../object/index.ts";
import { standardError } from "./standard-error.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/**
 * Writes JSON lines with controller-runtime's field names (`level`, `ts`, `logger`, `msg`). Of a Secret among the fields, or thrown, only
 * its name is told.
 *
 * @param destination default: standard error, as controller-runtime does
 */
export function jsonLogger(level: LogLevel = "info", destination: DestinationStream = standardError()): Logger {
  const options = {
    level,
    messageKey: "msg",
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }), log: withoutSecrets },
  };
  return wrap(pino(options, destination));
}

function wrap(logger: Pino): Logger {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, error, fields = {}) => logger.error({ ...fields, ...describeError(legible(error)) }, message),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** The message, with those of the causes; the stack of what is a fault of the program rather than of the world. */
function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error === "string" ? error : inspect(nameOfSecret(error) ?? error) };
  const messages: string[] = [];
  // An error may be its own cause.
  for (let [each, depth]: [unknown, number] = [error, 0]; each instanceof Error && depth < 5; each = legible(each.cause), depth++) {
    const { message } = each;
    if (!messages.some((known) => known.includes(message))) messages.push(message);
  }
  const expected = "code" in error || error.name === "TerminalError" || error.name === "TemporaryError" || error.name === "RunEnded";
  return { error: messages.join(": "), ...(!expected && { stacktrace: error.stack }) };
}

function withoutSecrets(fields: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(fields).some(nameOfSecret)) return fields;
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, nameOfSecret(value) ?? value]));
}

/** What may be told of a Secret; `undefined` when it is none. */
function nameOfSecret(value: unknown): object | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== "Secret") return undefined;
  const { apiVersion, kind, metadata } = value as KubernetesObject;
  return { apiVersion, kind, metadata: { namespace: metadata?.namespace, name: metadata?.name } };
}

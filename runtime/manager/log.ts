import { inspect } from "node:util";
import { pino, type DestinationStream, type Logger as Pino } from "pino";
import { legible, type LogFields, type Logger } from "../object/index.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/**
 * Writes JSON lines with controller-runtime's field names (`level`, `ts`, `logger`, `msg`).
 *
 * @param destination default: standard error, as controller-runtime does
 */
export function jsonLogger(level: LogLevel = "info", destination: DestinationStream = pino.destination({ fd: 2, sync: true })): Logger {
  const options = {
    level,
    messageKey: "msg",
    base: null,
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
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
  if (!(error instanceof Error)) return { error: typeof error === "string" ? error : inspect(error) };
  const messages: string[] = [];
  // An error may be its own cause.
  for (let each: unknown = error, depth = 0; each instanceof Error && depth < 5; each = legible(each.cause), depth++) {
    if (!messages.some((message) => message.includes(each.message))) messages.push(each.message);
  }
  const expected = "code" in error || error.name === "TerminalError" || error.name === "TemporaryError" || error.name === "RunEnded";
  return { error: messages.join(": "), ...(!expected && { stacktrace: error.stack }) };
}

import type { Logger } from "../../runtime/object/index.ts";

export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  error?: unknown;
  [field: string]: unknown;
}

/** A logger whose lines a test reads. */
export function recorder(): { log: Logger; lines: LogLine[]; at: (level: LogLine["level"]) => LogLine[] } {
  const lines: LogLine[] = [];
  const loggerWith = (fixed: object): Logger => ({
    debug: (message, fields) => void lines.push({ ...fixed, ...fields, level: "debug", message }),
    info: (message, fields) => void lines.push({ ...fixed, ...fields, level: "info", message }),
    warn: (message, fields) => void lines.push({ ...fixed, ...fields, level: "warn", message }),
    error: (message, error, fields) => void lines.push({ ...fixed, ...fields, level: "error", message, error }),
    child: (fields) => loggerWith({ ...fixed, ...fields }),
  });
  return { log: loggerWith({}), lines, at: (level) => lines.filter((line) => line.level === level) };
}

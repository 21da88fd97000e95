/** Structured fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the runtime and reconcilers write what happens. Pino's loggers are turned into this one; so can any other be. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `error` is logged with its message, stack and causes. */
  error(message: string, error: unknown, fields?: LogFields): void;
  /** A logger whose every line carries these fields too. */
  child(fields: LogFields): Logger;
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

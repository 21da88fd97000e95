import { parseArgs } from "node:util";
import { parseBindAddress } from "./endpoint.ts";
import type { LeaderElectionSettings } from "./leader-election.ts";
import { jsonLogger, LOG_LEVELS, type LogLevel } from "./log.ts";
import type { ManagerOptions } from "./options.ts";
import { DEFAULT_SECRET, DEFAULT_SERVICE } from "./webhooks.ts";
import { reasonOf } from "../object/index.ts";

/** A flag of a command line. */
export interface Flag {
  type: "string" | "boolean";
  /** Of a boolean flag, false where nothing is said; of another, undefined. */
  default?: string | boolean;
  /** What it does, in one line for `--help`. */
  help: string;
}

/** The values of a program's own flags, by name. */
export type FlagValues<Flags extends Readonly<Record<string, Flag>>> = {
  readonly [Name in keyof Flags]: Flags[Name]["type"] extends "boolean"
    ? boolean
    : Flags[Name] extends { default: string }
      ? string
      : string | undefined;
};

/** The flags of Kubebuilder's `main.go`, with its defaults, and `--kubeconfig`, `--context`, `--namespaces`, `--log-level`. */
const FLAGS = {
  kubeconfig: { type: "string", help: "path of a kubeconfig file (default: $KUBECONFIG, the pod's service account, ~/.kube/config)" },
  context: { type: "string", help: "context of the kubeconfig (default: its current one)" },
  namespaces: { type: "string", help: "namespaces to watch, separated by commas (default: all)" },
  "metrics-bind-address": { type: "string", default: "0", help: "address of /metrics, such as :8443; 0 is off" },
  "metrics-secure": { type: "boolean", default: true, help: "serve metrics over HTTPS; --no-metrics-secure for HTTP" },
  "metrics-cert-path": { type: "string", help: "folder with the metrics server's certificate (default: a self-signed one)" },
  "metrics-cert-name": { type: "string", default: "tls.crt", help: "file name of that certificate" },
  "metrics-cert-key": { type: "string", default: "tls.key", help: "file name of its key" },
  "health-probe-bind-address": { type: "string", default: ":8081", help: "address of /healthz and /readyz; 0 is off" },
  "leader-elect": { type: "boolean", default: false, help: "lead before reconciling, for several replicas" },
  "webhook-port": { type: "string", default: "9443", help: "port of the webhook server; 0 is off" },
  "webhook-cert-path": { type: "string", help: "folder with the webhook server's certificate (default: one kept in a Secret)" },
  "webhook-cert-name": { type: "string", default: "tls.crt", help: "file name of that certificate" },
  "webhook-cert-key": { type: "string", default: "tls.key", help: "file name of its key" },
  "webhook-cert-source": { type: "string", default: "self", help: "who signs that certificate: self, or csr:SIGNER" },
  "webhook-secret-name": { type: "string", default: DEFAULT_SECRET, help: "the Secret that the webhook server's certificate is kept in" },
  "webhook-service-name": { type: "string", default: DEFAULT_SERVICE, help: "the Service by which webhooks are called" },
  "mutating-webhook-configuration": { type: "string", help: "the MutatingWebhookConfiguration that the CA is put into" },
  "validating-webhook-configuration": { type: "string", help: "the ValidatingWebhookConfiguration that the CA is put into" },
  "enable-http2": { type: "boolean", default: false, help: "serve webhooks over HTTP/2 as well as HTTP/1.1" },
  "log-level": { type: "string", default: "info", help: LOG_LEVELS.join(", ") },
  help: { type: "boolean", default: false, help: "show this" },
} as const satisfies Record<string, Flag>;

/** What the flags do not say. */
export interface FlagDefaults<Own extends Readonly<Record<string, Flag>> = Readonly<Record<string, never>>> {
  /** The lease that `--leader-elect` competes for. */
  leaderElection: LeaderElectionSettings;
  /** Flags of the program's own, by name without dashes. Default: none. */
  flags?: Own;
}

/** A flag is unknown, or its value is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a command line says: to the manager, and to the program itself. */
export type OperatorOptions<Own extends Readonly<Record<string, Flag>>> = ManagerOptions & { flags: FlagValues<Own> };

/**
 * Turns the command line of an operator into manager options.
 *
 * @throws UsageError with one line that says which flag and why; TypeError when a flag of the program's own has the name of another
 */
export function parseFlags<const Own extends Readonly<Record<string, Flag>> = Readonly<Record<string, never>>>(
  argv: readonly string[],
  defaults: FlagDefaults<Own>,
): OperatorOptions<Own> & { help: boolean } {
  const own: Readonly<Record<string, Flag>> = defaults.flags ?? {};
  const taken = Object.keys(own).find((name) => Object.hasOwn(FLAGS, name));
  if (taken !== undefined) throw new TypeError(`--${taken} is a flag of the manager already`);
  let values: Values;
  try {
    values = parse(argv, own);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const [message = ""] = reasonOf(error).split(". ");
    throw new UsageError(`${message}; --help lists the flags`);
  }
  const level = values["log-level"];
  if (!isLogLevel(level)) throw new UsageError(`--log-level ${level}: use one of ${LOG_LEVELS.join(", ")}`);
  const metrics = address("metrics-bind-address", values["metrics-bind-address"]);
  const health = address("health-probe-bind-address", values["health-probe-bind-address"]);
  return {
    help: values.help,
    kubeconfig: values.kubeconfig,
    context: values.context,
    namespaces: namespaceList(values.namespaces),
    leaderElection: values["leader-elect"] ? defaults.leaderElection : false,
    metrics: metrics === undefined ? false : metricsSettings(metrics, values),
    healthProbe: health === undefined ? false : { bindAddress: health },
    webhook: webhookSettings(values),
    log: jsonLogger(level),
    flags: ownValues(own, values) as FlagValues<Own>,
  };
}

/**
 * {@link parseFlags} for a `main.ts`: `--help` prints the flags and ends the process, a wrong flag is told in one line and ends it with exit code 1.
 *
 * @example
 * const manager = await Manager.create(managerOptions(process.argv.slice(2), { leaderElection: { id: "memcached.example.com" } }));
 *
 * @example
 * const { flags, ...options } = managerOptions(process.argv.slice(2), {
 *   leaderElection: { id: "memcached.example.com" },
 *   flags: { image: { type: "string", default: "memcached:1.6", help: "image of the pods" } },
 * });
 * // flags.image is a string
 */
export function managerOptions<const Own extends Readonly<Record<string, Flag>> = Readonly<Record<string, never>>>(
  argv: readonly string[],
  defaults: FlagDefaults<Own>,
): OperatorOptions<Own> {
  try {
    const { help, ...options } = parseFlags(argv, defaults);
    if (!help) return options;
    process.stdout.write(flagHelp(defaults.flags ?? {}));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

type Values = ReturnType<typeof parse>;

function parse(argv: readonly string[], own: Readonly<Record<string, Flag>>) {
  const known: Readonly<Record<string, Flag>> = { ...FLAGS, ...own };
  const options = Object.fromEntries(Object.entries(known).map(([name, { help, ...flag }]) => [name, flag])) as {
    [Name in keyof typeof FLAGS]: Omit<(typeof FLAGS)[Name], "help">;
  };
  const args = argv.map(doubleDash).flatMap((argument) => booleanValue(argument, known));
  return parseArgs({ args, options, allowNegative: true }).values;
}

function ownValues(own: Readonly<Record<string, Flag>>, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(own).map(([name, { type }]) => [name, values[name] ?? (type === "boolean" ? false : undefined)]),
  );
}

/** Go's flags may begin with one dash. */
function doubleDash(argument: string): string {
  return /^-[a-z][a-z-]+(=|$)/.test(argument) ? `-${argument}` : argument;
}

/** Go's flags take `--leader-elect=false` and the other spellings of its ParseBool, which parseArgs does not. */
function booleanValue(argument: string, flags: Readonly<Record<string, Flag>>): string[] {
  const [, name = "", value] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag?.type !== "boolean" || value === undefined) return [argument];
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return [`--${name}`];
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return [`--no-${name}`];
  throw new UsageError(`--${name}=${value}: use true or false`);
}

/** An empty list is the default, all namespaces: `--namespaces=$(WATCH_NAMESPACE)` of a manifest that sets nothing. */
function namespaceList(text: string | undefined): string[] | undefined {
  const names = (text ?? "").split(",").map((name) => name.trim());
  const given = names.filter((name) => name !== "");
  return given.length === 0 ? undefined : given;
}

function metricsSettings(bindAddress: string, values: Values): ManagerOptions["metrics"] {
  const files = { certPath: values["metrics-cert-path"], certName: values["metrics-cert-name"], certKey: values["metrics-cert-key"] };
  return { bindAddress, secure: values["metrics-secure"], ...files };
}

function address(flag: string, text: string): string | undefined {
  if (text === "0") return undefined;
  try {
    parseBindAddress(text);
  } catch (error) {
    throw new UsageError(`--${flag}: ${reasonOf(error)}`);
  }
  return text;
}

function webhookSettings(values: Values): ManagerOptions["webhook"] {
  const port = Number(values["webhook-port"]);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--webhook-port ${values["webhook-port"]}: not a port number`);
  if (port === 0) return false;
  const certSource = values["webhook-cert-source"];
  if (!isCertSource(certSource))
    throw new UsageError(`--webhook-cert-source ${certSource}: use self, or csr:SIGNER such as csr:example.com/webhooks`);
  return {
    port,
    http2: values["enable-http2"],
    certPath: values["webhook-cert-path"],
    certName: values["webhook-cert-name"],
    certKey: values["webhook-cert-key"],
    certSource,
    secretName: values["webhook-secret-name"],
    serviceName: values["webhook-service-name"],
    mutatingConfiguration: values["mutating-webhook-configuration"],
    validatingConfiguration: values["validating-webhook-configuration"],
  };
}

function isCertSource(text: string): text is "self" | `csr:${string}` {
  return text === "self" || /^csr:[^/\s]+\/\S+$/.test(text);
}

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

function flagHelp(own: Readonly<Record<string, Flag>>): string {
  const lines = Object.entries<Flag>({ ...own, ...FLAGS }).map(([name, { type, default: value, help }]) => {
    const flag = `  --${name}${type === "string" ? " VALUE" : ""}`;
    const shown = value === undefined || value === false ? "" : ` (default ${value})`;
    return `${flag.padEnd(38)} ${help}${shown}`;
  });
  return `Flags:\n${lines.join("\n")}\n`;
}

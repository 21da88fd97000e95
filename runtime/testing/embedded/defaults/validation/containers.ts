/**
 * Validation of containers: ports, environment, mounts, probes, resources.
 */
import type { FieldError, JsonObject, JsonValue } from "../../../../schema/index.ts";
import {
  goValue,
  arrayAt,
  duplicate,
  forbidden,
  invalidText,
  invalidValue,
  isObject,
  notFound,
  notSupported,
  objectAt,
  required,
} from "../../../../schema/index.ts";
import { each, isEmpty, text } from "../builtin/fields.ts";
import { configKey, dns1123Label, dns1123Subdomain, environmentName, portName, qualifiedName } from "../../../../schema/index.ts";
import { compareQuantities } from "../../../../schema/quantity.ts";
import { nonNegative, portNumber, quantity } from "./numbers.ts";

/** What a container's checks need of its pod. */
export interface PodContext {
  /** Volumes by name. */
  readonly volumes: ReadonlyMap<string, JsonObject>;
  readonly gracePeriod: JsonValue | undefined;
}

const named = (messages: readonly string[], field: string, value: JsonValue): FieldError[] =>
  messages.map((message) => invalidValue(field, value, message));

/** What is checked of containers of all sorts. */
export function containerErrors(container: JsonObject, field: string, pod: PodContext): FieldError[] {
  const name = text(container, "name");
  return [
    ...(name === "" ? [required(`${field}.name`)] : named(dns1123Label(name), `${field}.name`, name)),
    ...imageErrors(container, field),
    ...choice(container, "terminationMessagePolicy", ["File", "FallbackToLogsOnError"], field),
    ...portErrors(each(container, "ports"), `${field}.ports`),
    ...environmentErrors(container, field),
    ...mountErrors(container, field, pod),
    ...choice(container, "imagePullPolicy", ["Always", "IfNotPresent", "Never"], field),
    ...resourceErrors(objectAt(container, "resources") ?? {}, `${field}.resources`),
    ...securityErrors(objectAt(container, "securityContext"), `${field}.securityContext`),
  ];
}

function imageErrors(container: JsonObject, field: string): FieldError[] {
  return text(container, "image") === "" ? [required(`${field}.image`)] : [];
}

/** A field that must have one of some values. */
export function choice(object: JsonObject, name: string, values: readonly string[], field: string): FieldError[] {
  const value = text(object, name);
  if (value === "") return [required(`${field}.${name}`)];
  return values.includes(value) ? [] : [notSupported(`${field}.${name}`, value, values)];
}

function portErrors(ports: readonly JsonObject[], field: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const place = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const name = text(port, "name");
    const wrong = name === "" ? [] : portName(name);
    errors.push(...named(wrong, `${place}.name`, name));
    if (name !== "" && wrong.length === 0) {
      if (names.has(name)) errors.push(duplicate(`${place}.name`, name));
      names.add(name);
    }
    if (isEmpty(port["containerPort"])) errors.push(required(`${place}.containerPort`));
    else errors.push(...portNumber(port["containerPort"], `${place}.containerPort`));
    if (!isEmpty(port["hostPort"])) errors.push(...portNumber(port["hostPort"], `${place}.hostPort`));
    return [...errors, ...choice(port, "protocol", ["SCTP", "TCP", "UDP"], place)];
  });
}

function environmentErrors(container: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, variable] of each(container, "env").entries()) {
    const place = `${field}.env[${index}]`;
    const name = text(variable, "name");
    if (name === "") errors.push(required(`${place}.name`));
    else errors.push(...named(environmentName(name), `${place}.name`, name));
    const from = objectAt(variable, "valueFrom");
    if (from) errors.push(...valueFromErrors(from, text(variable, "value"), `${place}.valueFrom`));
  }
  for (const [index, source] of each(container, "envFrom").entries()) {
    const place = `${field}.envFrom[${index}]`;
    const prefix = text(source, "prefix");
    if (prefix !== "") errors.push(...named(environmentName(prefix), `${place}.prefix`, prefix));
    const kinds = ["configMapRef", "secretRef"].filter((kind) => isObject(source[kind]));
    for (const kind of kinds) errors.push(...nameErrors(objectAt(source, kind), `${place}.${kind}`));
    if (kinds.length === 0) errors.push(invalidValue(`${field}.envFrom`, "", "must specify one of: `configMapRef` or `secretRef`"));
    if (kinds.length > 1) errors.push(invalidValue(`${field}.envFrom`, "", "may not have more than one field specified at a time"));
  }
  return errors;
}

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];

function valueFromErrors(from: JsonObject, value: string, field: string): FieldError[] {
  const given = sources.filter((kind) => isObject(from[kind]));
  const errors = given.flatMap((kind) => {
    const reference = objectAt(from, kind) ?? {};
    if (kind === "fieldRef") return fieldReferenceErrors(reference, `${field}.fieldRef`);
    return kind === "configMapKeyRef" || kind === "secretKeyRef" ? keyReferenceErrors(reference, `${field}.${kind}`) : [];
  });
  if (given.length === 0)
    errors.push(
      invalidValue(field, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"),
    );
  else if (value !== "") errors.push(invalidValue(field, "", "may not be specified when `value` is not empty"));
  else if (given.length > 1) errors.push(invalidValue(field, "", "may not have more than one field specified at a time"));
  return errors;
}

const podFields = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

function fieldReferenceErrors(reference: JsonObject, field: string): FieldError[] {
  const path = text(reference, "fieldPath");
  if (path === "") return [required(`${field}.fieldPath`)];
  if (podFields.includes(path) || path === "metadata.labels" || path === "metadata.annotations") {
    return podFields.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, podFields)];
  }
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript) {
    const key = subscript[2] ?? "";
    return named(qualifiedName(subscript[1] === "annotations" ? key.toLowerCase() : key), field, key);
  }
  return [invalidValue(`${field}.fieldPath`, path, `error converting fieldPath: field label not supported: ${path}`)];
}

function keyReferenceErrors(reference: JsonObject, field: string): FieldError[] {
  const key = text(reference, "key");
  return [...nameErrors(reference, field), ...(key === "" ? [required(`${field}.key`)] : named(configKey(key), `${field}.key`, key))];
}

function nameErrors(reference: JsonObject | undefined, field: string): FieldError[] {
  const name = text(reference, "name");
  return named(dns1123Subdomain(name), `${field}.name`, name);
}

function mountErrors(container: JsonObject, field: string, pod: PodContext): FieldError[] {
  const paths = new Set<string>();
  return each(container, "volumeMounts").flatMap((mount, index) => {
    const place = `${field}.volumeMounts[${index}]`;
    const errors: FieldError[] = [];
    const name = text(mount, "name");
    const path = text(mount, "mountPath");
    if (name === "") errors.push(required(`${place}.name`));
    if (!pod.volumes.has(name)) errors.push(notFound(`${place}.name`, name));
    if (path === "") errors.push(required(`${place}.mountPath`));
    if (paths.has(path)) errors.push(invalidValue(`${place}.mountPath`, path, "must be unique"));
    paths.add(path);
    const subPath = text(mount, "subPath");
    if (subPath !== "") errors.push(...relativePathErrors(subPath, `${field}.volumeMounts.subPath`));
    if (text(mount, "subPathExpr") !== "") {
      if (subPath !== "")
        errors.push(invalidValue(`${place}.subPathExpr`, text(mount, "subPathExpr"), "subPathExpr and subPath are mutually exclusive"));
      errors.push(...relativePathErrors(text(mount, "subPathExpr"), `${field}.volumeMounts.subPathExpr`));
    }
    return errors;
  });
}

/** A path below another, without `..`. */
export function relativePathErrors(path: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (path.startsWith("/")) errors.push(invalidValue(field, path, "must be a relative path"));
  if (path.split("/").includes("..")) errors.push(invalidValue(field, path, "must not contain '..'"));
  return errors;
}

const standardResources = new Set(["cpu", "memory", "ephemeral-storage"]);

/** Errors of requests and limits. */
function resourceErrors(resources: JsonObject, field: string): FieldError[] {
  const limits = objectAt(resources, "limits") ?? {};
  const requests = objectAt(resources, "requests") ?? {};
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(limits)) {
    errors.push(...resourceNameErrors(name, `${field}.limits[${name}]`), ...quantityErrors(name, value, `${field}.limits[${name}]`));
  }
  for (const [name, value] of Object.entries(requests)) {
    errors.push(...resourceNameErrors(name, `${field}.requests[${name}]`), ...quantityErrors(name, value, `${field}.requests[${name}]`));
    const limit = limits[name];
    const extended = name.includes("/") && !name.startsWith("kubernetes.io/");
    if (limit !== undefined) {
      const order = compareQuantities(quantity(value), quantity(limit));
      if (order !== 0 && extended)
        errors.push(invalidValue(`${field}.requests`, value, `must be equal to ${name} limit of ${goValue(limit)}`));
      else if (order > 0)
        errors.push(invalidValue(`${field}.requests`, value, `must be less than or equal to ${name} limit of ${goValue(limit)}`));
    } else if (extended || name.startsWith("hugepages-")) {
      errors.push(required(`${field}.limits`, "Limit must be set for non overcommitable resources"));
    }
  }
  return errors;
}

function resourceNameErrors(name: string, field: string): FieldError[] {
  const wrong = named(qualifiedName(name), field, name);
  if (wrong.length > 0) return wrong;
  if (name.includes("/") || standardResources.has(name) || name.startsWith("hugepages-")) return [];
  return [
    invalidValue(field, name, "must be a standard resource type or fully qualified"),
    invalidValue(field, name, "must be a standard resource for containers"),
  ];
}

function quantityErrors(name: string, value: JsonValue | undefined, field: string): FieldError[] {
  const parsed = quantity(value);
  const errors: FieldError[] = [];
  if (parsed.value < 0n) errors.push(invalidValue(field, value, "must be greater than or equal to 0"));
  if (name.includes("/") && parsed.exponent < 0 && parsed.value % 10n ** BigInt(-parsed.exponent) !== 0n)
    errors.push(invalidValue(field, value, "must be an integer"));
  return errors;
}

function securityErrors(context: JsonObject | undefined, field: string): FieldError[] {
  if (!context) return [];
  const errors: FieldError[] = [];
  for (const name of ["runAsUser", "runAsGroup"]) {
    const value = context[name];
    if (typeof value === "number" && (value < 0 || value > 2 ** 31 - 1))
      errors.push(invalidValue(`${field}.${name}`, value, "must be between 0 and 2147483647, inclusive"));
  }
  if (context["allowPrivilegeEscalation"] === false) {
    if (context["privileged"] === true)
      errors.push(invalidText(field, securityText(context), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
    if (arrayAt(context, "capabilities", "add").includes("CAP_SYS_ADMIN")) {
      errors.push(
        invalidText(field, securityText(context), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"),
      );
    }
  }
  return errors;
}

const securityFields = [
  "capabilities",
  "privileged",
  "seLinuxOptions",
  "windowsOptions",
  "runAsUser",
  "runAsGroup",
  "runAsNonRoot",
  "readOnlyRootFilesystem",
  "allowPrivilegeEscalation",
  "procMount",
  "seccompProfile",
  "appArmorProfile",
];

/** A security context as the server shows it: its internal struct, all fields, names in upper case. */
function securityText(context: JsonObject): string {
  const upper = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
  const nested = (value: JsonValue | undefined): JsonValue =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [upper(name), nested(inner)])) : (value ?? null);
  return JSON.stringify(
    Object.fromEntries(securityFields.map((name) => [name === "seLinuxOptions" ? "SELinuxOptions" : upper(name), nested(context[name])])),
  );
}

/** Errors of hooks and probes of containers that keep running. */
export function lifeErrors(container: JsonObject, field: string, pod: PodContext): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ["postStart", "preStop"]) {
    const handler = objectAt(container, "lifecycle", hook);
    if (handler) errors.push(...handlerErrors(handler, `${field}.lifecycle.${hook}`, pod));
  }
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = objectAt(container, name);
    if (!probe) continue;
    const place = `${field}.${name}`;
    errors.push(...probeErrors(probe, place, pod));
    if (name === "readinessProbe") {
      if (probe["terminationGracePeriodSeconds"] !== undefined)
        errors.push(
          invalidValue(
            `${place}.terminationGracePeriodSeconds`,
            probe["terminationGracePeriodSeconds"],
            "must not be set for readinessProbes",
          ),
        );
    } else if (probe["successThreshold"] !== 1) {
      errors.push(invalidValue(`${place}.successThreshold`, probe["successThreshold"], "must be 1"));
    }
  }
  return errors;
}

function probeErrors(probe: JsonObject, field: string, pod: PodContext): FieldError[] {
  const errors = handlerErrors(probe, field, pod);
  for (const name of ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
    errors.push(...nonNegative(probe[name], `${field}.${name}`));
  const grace = probe["terminationGracePeriodSeconds"];
  if (typeof grace === "number" && grace <= 0)
    errors.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
  return errors;
}

function handlerErrors(handler: JsonObject, field: string, pod: PodContext): FieldError[] {
  const given = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"].filter((kind) => isObject(handler[kind]));
  const [first, ...others] = given;
  if (first === undefined) return [required(field, "must specify a handler type")];
  return [
    ...actionErrors(first, objectAt(handler, first) ?? {}, `${field}.${first}`, pod),
    ...others.map((kind) => forbidden(`${field}.${kind}`, "may not specify more than 1 handler type")),
  ];
}

function actionErrors(kind: string, action: JsonObject, field: string, pod: PodContext): FieldError[] {
  switch (kind) {
    case "exec":
      return arrayAt(action, "command").length === 0 ? [required(`${field}.command`)] : [];
    case "httpGet":
      return [
        ...(text(action, "path") === "" ? [required(`${field}.path`)] : []),
        ...portReferenceErrors(action["port"], `${field}.port`),
        ...(["HTTP", "HTTPS"].includes(text(action, "scheme"))
          ? []
          : [notSupported(`${field}.scheme`, text(action, "scheme"), ["HTTP", "HTTPS"])]),
      ];
    case "tcpSocket":
      return portReferenceErrors(action["port"], `${field}.port`);
    case "grpc":
      return portReferenceErrors(action["port"], `${field}.port`);
    default: {
      const seconds = action["seconds"];
      const grace = typeof pod.gracePeriod === "number" ? pod.gracePeriod : 0;
      if (typeof seconds === "number" && seconds > 0 && seconds <= grace) return [];
      return [
        invalidValue(
          field,
          seconds ?? 0,
          `must be greater than 0 and less than terminationGracePeriodSeconds (${grace}). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.`,
        ),
      ];
    }
  }
}

function portReferenceErrors(port: JsonValue | undefined, field: string): FieldError[] {
  return typeof port === "string" ? named(portName(port), field, port) : portNumber(port ?? 0, field);
}

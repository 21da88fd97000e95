import { inspect } from "node:util";
import type { CallObserver, ObservedCall, Request } from "../client/index.ts";
import type { ObservedRun, RunIdentity, RunObserver } from "../controller/index.ts";

/** What is used of a span of OpenTelemetry. */
export interface TracingSpan {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: Error | string): void;
  end(): void;
}

/**
 * What is used of `@opentelemetry/api`: give the manager the module itself. The runtime does not depend on it, and imports nothing.
 *
 * @example
 * import * as api from "@opentelemetry/api";
 * const manager = await Manager.create({ tracing: api });
 */
export interface TracingApi {
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options: object, context: unknown): TracingSpan };
    setSpan(context: unknown, span: TracingSpan): unknown;
  };
  readonly context: { active(): unknown; with<T>(context: unknown, work: () => T): T };
  readonly propagation: { inject(context: unknown, carrier: Record<string, string>): void };
}

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of OpenTelemetry. */
const CLIENT = 2;
const ERROR = 2;

/** A span for each reconcile, in whose context the reconciler runs, and one below it for each call of its client, whose context is sent along. */
export function traceRuns(api: TracingApi): RunObserver {
  const tracer = api.trace.getTracer("@kubescaffold/runtime");
  return {
    began({ controller, kind, key, reconcileId }: RunIdentity): ObservedRun {
      const attributes = { controller, controllerKind: kind.kind, name: key.name, reconcileID: reconcileId };
      const { namespace } = key;
      const options = { attributes: namespace === undefined ? attributes : { ...attributes, namespace } };
      const span = tracer.startSpan(`reconcile ${controller}`, options, api.context.active());
      const context = api.trace.setSpan(api.context.active(), span);
      const calls: CallObserver = {
        began(request): ObservedCall {
          const { name, attributes } = describeCall(request);
          const call = tracer.startSpan(name, { kind: CLIENT, attributes }, context);
          const headers: Record<string, string> = {};
          api.propagation.inject(api.trace.setSpan(context, call), headers);
          return {
            headers,
            answered: (status) => call.setAttribute("http.response.status_code", status),
            ended: (error) => end(call, error),
          };
        },
      };
      return {
        calls,
        within: (work) => api.context.with(context, work),
        ended(outcome, error) {
          span.setAttribute("result", outcome);
          end(span, error);
        },
      };
    },
  };
}

function end(span: TracingSpan, error: unknown): void {
  if (error !== undefined) {
    const fault = error instanceof Error ? error : inspect(error);
    span.recordException(fault);
    span.setStatus({ code: ERROR, message: typeof fault === "string" ? fault : fault.message });
  }
  span.end();
}

/** A call by Kubernetes' own words for it, such as `apply deployments` or `get pods/log`. */
function describeCall({ method, path, contentType }: Request): { name: string; attributes: Record<string, string> } {
  const [plain = ""] = path.split("?");
  const [, root, ...segments] = plain.split("/").map(decodeURIComponent);
  const rest = segments.slice(root === "api" ? 1 : 2);
  const inNamespace = rest[0] === "namespaces" && rest.length > 2 && rest[2] !== "status" && rest[2] !== "finalize";
  const [resource = "", name, subresource] = inNamespace ? rest.slice(2) : rest;
  const full = subresource === undefined ? resource : `${resource}/${subresource}`;
  const verb = verbOf(method, name !== undefined, contentType);
  return {
    name: `${verb} ${full}`,
    attributes: {
      "http.request.method": method,
      "url.path": plain,
      verb,
      resource: full,
      ...(inNamespace && { namespace: rest[1] ?? "" }),
      ...(name !== undefined && { name }),
    },
  };
}

function verbOf(method: Request["method"], hasName: boolean, contentType: string | undefined): string {
  switch (method) {
    case "GET":
      return hasName ? "get" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return contentType === "application/apply-patch+yaml" ? "apply" : "patch";
    case "DELETE":
      return hasName ? "delete" : "deletecollection";
  }
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Api } from "./api.ts";
import { proxy } from "./aggregation/index.ts";
import { authenticate, authorize } from "./auth/index.ts";
import { internal, StatusFailure } from "./errors.ts";
import { type Answer, type ApiRequest, clauses, readBody, requestInfo, statusAnswer, wantsPretty, write } from "./http/index.ts";
import { route } from "./routes.ts";

/**
 * One request from its first byte to its last: authenticate → authorize → decode → default → mutate → validate → prune → store → watch.
 * The first two are here, `routes.ts` finds the verb, which decodes and defaults, and `write.ts` has the rest.
 */
export async function handle(api: Api, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  const onClose = () => gone.abort(new Error("the client closed the connection"));
  const onStop = () => gone.abort(api.signal.reason);
  response.on("close", onClose);
  api.signal.addEventListener("abort", onStop, { once: true });
  const [path = "/", search = ""] = (incoming.url ?? "/").split("?", 2);
  const query = new URLSearchParams(search);
  const warnings: string[] = [];
  try {
    const method = incoming.method ?? "GET";
    const info = requestInfo(method, path, query);
    let answer: Answer;
    let encoding: "json" | "yaml" = "json";
    let body: Promise<Buffer> | undefined;
    try {
      const user = authenticate(api, incoming.headers);
      const request: ApiRequest = {
        method,
        info,
        query,
        headers: incoming.headers,
        user,
        signal: gone.signal,
        body: () => (body ??= readBody(incoming)),
        warnings,
      };
      authorize(api, { ...info, user });
      const delegate = delegateOf(api, path);
      if (delegate !== undefined) {
        await proxy(api, delegate, { incoming, response, user, signal: gone.signal });
        return;
      }
      if (info.isResource && incoming.headers.accept?.includes("yaml")) encoding = yamlWanted(incoming.headers.accept);
      const outcome = await route(api, request);
      if ("stream" in outcome) {
        await outcome.stream(response);
        return;
      }
      answer = outcome;
    } catch (error) {
      if (gone.signal.aborted || response.headersSent) {
        response.destroy();
        return;
      }
      answer = statusAnswer(failureOf(error).status);
    }
    await write(incoming, response, answer, { pretty: wantsPretty(query, incoming.headers["user-agent"]), encoding, warnings });
  } finally {
    response.off("close", onClose);
    api.signal.removeEventListener("abort", onStop);
    // What is left of a body that nobody read would stop the connection's next request.
    incoming.resume();
  }
}

/** Who serves a path of `/apis/GROUP/VERSION`, where it is another server. */
function delegateOf(api: Api, path: string): ReturnType<Api["aggregation"]["find"]> {
  const [root, group = "", version = ""] = path.split("/").filter((part) => part !== "");
  return root === "apis" ? api.aggregation.find(group, version) : undefined;
}

/** Errors, too, come in the encoding that was asked for first. */
function yamlWanted(accept: string): "json" | "yaml" {
  return clauses(accept).find(({ type }) => type === "application/yaml" || type === "application/json" || type === "*/*")?.type ===
    "application/yaml"
    ? "yaml"
    : "json";
}

/** What the client is told of an error; one that is not a refusal is a bug of this server, and says so. */
function failureOf(error: unknown): StatusFailure {
  if (error instanceof StatusFailure) return error;
  return internal(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

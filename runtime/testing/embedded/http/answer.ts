import type { IncomingMessage, ServerResponse } from "node:http";
import type { Status } from "../errors.ts";

/** What a verb answers with: JSON text, or text of another media type. */
export interface Answer {
  readonly code: number;
  readonly body: string | Buffer;
  /** Default `application/json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(value: unknown, code = 200): Answer {
  return { code, body: JSON.stringify(value) };
}

/** How an answer is to be dressed. */
export interface Dress {
  readonly pretty: boolean;
  readonly encoding: "json" | "yaml";
  readonly warnings: readonly string[];
}

/** Writes a whole answer. */
export async function write(request: IncomingMessage, response: ServerResponse, answer: Answer, dress: Dress): Promise<void> {
  let { body } = answer;
  let contentType = answer.contentType ?? "application/json";
  if (contentType === "application/json") {
    if (dress.encoding === "yaml") {
      // Loaded only here: few clients ask for YAML, and starting must be quick.
      const { stringify } = await import("yaml");
      body = stringify(JSON.parse(body.toString()));
      contentType = "application/yaml";
    } else if (dress.pretty) {
      body = JSON.stringify(JSON.parse(body.toString()), undefined, 2);
    }
    if (typeof body === "string") body += "\n";
  }
  const headers: Record<string, string | string[] | number> = {
    "Cache-Control": "no-cache, private",
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(body),
    ...answer.headers,
  };
  if (dress.warnings.length > 0) headers["Warning"] = warningHeaders(dress.warnings);
  response.writeHead(answer.code, headers);
  response.end(request.method === "HEAD" ? undefined : body);
}

/** RFC 7234 warnings as the API server writes them; each text once. */
export function warningHeaders(warnings: readonly string[]): string[] {
  // What is empty, or has control characters, cannot be told.
  const texts = [...new Set(warnings)].filter((text) => text !== "" && !/\p{Cc}/u.test(text));
  let shown: string[] = [];
  let written = 0;
  let cuts = false;
  for (const [index, text] of texts.entries()) {
    if (cuts && written >= MOST_WARNINGS) break;
    if (!cuts && written + Array.from(text).length > MOST_WARNINGS) {
      // Those before are cut, too.
      cuts = true;
      shown = texts.slice(0, index).map(cut);
      written = shown.reduce((sum, each) => sum + Array.from(each).length, 0);
    }
    const told = cuts ? cut(text) : text;
    shown.push(told);
    written += Array.from(told).length;
  }
  return shown.map((text) => `299 - "${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
}

/** Characters of all warnings of an answer; when there are more, each is cut. */
const MOST_WARNINGS = 4096;

function cut(text: string): string {
  return Array.from(text).slice(0, 256).join("");
}

/** The answer that a failure is. */
export function statusAnswer(status: Status): Answer {
  const seconds = status.details?.retryAfterSeconds;
  return { ...json(status, status.code), headers: seconds === undefined ? {} : { "Retry-After": String(seconds) } };
}

/** Whether the client wants indented JSON: it says so, or it is a tool that people read. */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const asked = query.get("pretty");
  if (asked !== null) return asked !== "false" && asked !== "0";
  return userAgent !== undefined && /^(curl|Wget|Mozilla)\b/.test(userAgent);
}

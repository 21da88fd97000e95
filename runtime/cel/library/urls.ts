import type { Environment } from "@marcbachmann/cel-js";

/** An absolute URL, or an absolute path, as Go's `url.ParseRequestURI` takes it: a `#` has no meaning of its own. */
class Link {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly text: string;

  constructor(text: string, scheme: string, host: string, path: string, query: string) {
    this.text = text;
    this.scheme = scheme;
    this.host = host;
    this.path = path;
    this.query = query;
  }
}

/** Kubernetes' `url` functions. */
export function registerUrls(environment: Environment): void {
  environment.registerType("kubernetes.URL", Link);
  environment.registerFunction("isURL(string): bool", (text: string) => parse(text) !== undefined);
  environment.registerFunction("url(string): kubernetes.URL", (text: string) => {
    const link = parse(text);
    if (link === undefined) throw new Error(`URL parse error during conversion from string: ${urlError(text)}`);
    return link;
  });
  environment.registerFunction("kubernetes.URL.getScheme(): string", ({ scheme }: Link) => scheme);
  environment.registerFunction("kubernetes.URL.getHost(): string", ({ host }: Link) => host);
  environment.registerFunction("kubernetes.URL.getHostname(): string", ({ host }: Link) =>
    host.replace(/:\d*$/, "").replace(/^\[(.*)\]$/, "$1"),
  );
  environment.registerFunction("kubernetes.URL.getPort(): string", ({ host }: Link) => /:(\d*)$/.exec(host)?.[1] ?? "");
  environment.registerFunction("kubernetes.URL.getEscapedPath(): string", ({ path }: Link) => path);
  environment.registerFunction("kubernetes.URL.getQuery(): map", ({ query }: Link) => {
    const all = new URLSearchParams(query);
    return Object.fromEntries([...new Set(all.keys())].map((key) => [key, all.getAll(key)]));
  });
  environment.registerOperator("kubernetes.URL == kubernetes.URL", (one: Link, other: Link) => one.text === other.text);
}

/** Whether a text is a URL by these rules, and what the server says when it is none. */
export function urlError(text: string): string | undefined {
  if (parse(text) !== undefined) return undefined;
  return `parse ${JSON.stringify(text)}: ${text === "" ? "empty url" : "invalid URI for request"}`;
}

function parse(text: string): Link | undefined {
  if (text === "" || /[\0-\x1f\x7f]/.test(text)) return undefined;
  const [whole, query = ""] = cut(text, "?");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(whole)?.[1];
  const rest = scheme === undefined ? whole : whole.slice(scheme.length + 1);
  // What follows a scheme without a slash (`mailto:me@example.com`) is no path.
  if (!rest.startsWith("/")) return scheme === undefined ? undefined : new Link(text, scheme.toLowerCase(), "", "", query);
  const named = scheme !== undefined && rest.startsWith("//");
  const end = rest.indexOf("/", 2);
  const authority = named ? rest.slice(2, end < 0 ? undefined : end) : "";
  const path = named ? (end < 0 ? "" : rest.slice(end)) : rest;
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const isHost = /^(?:\[[0-9A-Fa-f:.%\w-]+\]|[^\s[\]"<>\\^`{|}:/#]*)(?::\d*)?$/.test(host);
  if (!isHost || /%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  return new Link(text, scheme?.toLowerCase() ?? "", host, escaped(path), query);
}

function cut(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A path that holds anything that should be escaped is escaped anew. */
function escaped(path: string): string {
  if (/^(?:[\w.~!$&'()*+,;=:@/[\]-]|%[0-9A-Fa-f]{2})*$/.test(path)) return path;
  const plain = Buffer.from(
    path.replaceAll(/%([0-9A-Fa-f]{2})|[\s\S]/gu, (match, hex?: string) =>
      hex === undefined ? Buffer.from(match).toString("latin1") : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    "latin1",
  );
  return Array.from(plain, (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w.~$&+,/:;=@-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

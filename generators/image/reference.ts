import { ScaffoldError } from "../errors.ts";

/** A name of an image, taken apart as Docker does it. */
export interface Reference {
  /** The host, with its port: `docker.io` when the name has none. */
  readonly registry: string;
  /** The path: `library/node` for `node`. */
  readonly repository: string;
  /** `latest` when there is neither tag nor digest. */
  readonly tag?: string;
  readonly digest?: string;
}

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** @throws ScaffoldError `bad-option` that says what a name looks like */
export function parseReference(text: string, option: string): Reference {
  const wrong = (why: string): ScaffoldError =>
    new ScaffoldError(
      "bad-option",
      `${option} ${text} is not a name of an image: ${why} Write it as registry/path:tag, such as example.com/team/operator:0.1.0.`,
    );
  const [, named = "", digest] = /^([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) throw wrong("after @ comes sha256: and 64 hexadecimal digits.");
  const [, rest = "", tag] = /^(.*?)(?::([^/:]*))?$/s.exec(named) ?? [];
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) throw wrong("a tag has letters, digits, _, . and -.");
  const parts = rest.split("/");
  const [first = ""] = parts;
  const hasHost = parts.length > 1 && (/[.:]/.test(first) || first === "localhost");
  const path = hasHost ? parts.slice(1) : parts;
  if (!path.every((part) => component.test(part)))
    throw wrong("its path has lower-case letters and digits, with single ., _ or - between them.");
  const registry = hasHost && first !== "index.docker.io" ? first : "docker.io";
  if (!/^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?$/.test(registry)) throw wrong("its registry is no host.");
  const repository = registry === "docker.io" && path.length === 1 ? `library/${path.join("/")}` : path.join("/");
  return {
    registry,
    repository,
    ...(tag === undefined && digest === undefined ? { tag: "latest" } : {}),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The whole name, as containerd keeps it. */
export function fullName({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The name as Docker shows it, without what it adds by itself. */
export function familiarName(reference: Reference): string {
  return fullName(reference).replace(/^docker\.io\/(?:library\/)?/, "");
}

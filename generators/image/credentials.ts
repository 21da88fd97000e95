import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ScaffoldError } from "../errors.ts";
import { runProgram } from "../program.ts";
import { objectAt, mapAt, parseObject, textAt, type Json } from "./json.ts";

export type Credentials =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  /** A refresh token, which a token service changes into a token for one repository. */
  | { readonly kind: "refresh-token"; readonly token: string };

/**
 * What `docker login` and `podman login` left for a registry: in the file itself, or with the credential helper that the file names. The
 * files are `$REGISTRY_AUTH_FILE`, `$XDG_RUNTIME_DIR/containers/auth.json` and `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`; the
 * first that knows the registry counts. `undefined` when none does: then the registry is asked as nobody in particular.
 *
 * @throws ScaffoldError `registry-failed` for a file that cannot be read, or a helper that fails
 */
export async function credentialsFor(registry: string, environment: NodeJS.ProcessEnv = process.env): Promise<Credentials | undefined> {
  // Docker Hub's entry has the name that it had before registries had versions, in every such file.
  const key = registry === "docker.io" ? `https://index.${registry}/v1/` : registry;
  for (const file of files(environment)) {
    const config = read(file);
    if (!config) continue;
    const found = (await fromHelper(config, key, environment)) ?? fromFile(config, registry, key, file);
    if (found) return found;
  }
  return undefined;
}

function files(environment: NodeJS.ProcessEnv): string[] {
  const runtime = environment["XDG_RUNTIME_DIR"];
  const named = environment["REGISTRY_AUTH_FILE"];
  return [
    ...(named === undefined ? [] : [named]),
    ...(runtime === undefined ? [] : [join(runtime, "containers", "auth.json")]),
    join(environment["DOCKER_CONFIG"] ?? join(environment["HOME"] ?? homedir(), ".docker"), "config.json"),
  ];
}

function read(file: string): Json | undefined {
  try {
    return parseObject(readFileSync(file));
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw new ScaffoldError("registry-failed", `${file}, which has the credentials of registries, cannot be read: mend it or remove it.`, {
      cause: error,
    });
  }
}

function fromFile(config: Json, registry: string, key: string, file: string): Credentials | undefined {
  const auths = objectAt(config, "auths");
  // podman calls docker.io by its name, and older logins wrote the URL of a registry.
  const name = [key, registry, `https://${key}`, `https://${key}/v1/`, `https://${key}/v2/`].find((candidate) => candidate in auths);
  if (name === undefined) return undefined;
  const entry = objectAt(auths, name);
  const token = textAt(entry, "identitytoken");
  if (token !== undefined) return { kind: "refresh-token", token };
  const auth = textAt(entry, "auth");
  if (auth === undefined) return undefined;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, "base64").toString()) ?? [];
  if (user === undefined || password === undefined) {
    throw new ScaffoldError(
      "registry-failed",
      `The entry ${name} of ${file} is not user:password in base64: log in to the registry again.`,
    );
  }
  return { kind: "password", user, password };
}

async function fromHelper(config: Json, key: string, environment: NodeJS.ProcessEnv): Promise<Credentials | undefined> {
  const own = mapAt(config, "credHelpers")[key];
  const helper = own ?? textAt(config, "credsStore");
  if (helper === undefined) return undefined;
  const program = `docker-credential-${helper}`;
  const { found, code, out } = await runProgram(program, ["get"], { environment, input: key });
  const said = out.toString();
  // What helpers say when they have nothing (github.com/docker/docker-credential-helpers, credentials/error.go).
  if (code !== 0 && /credentials not found/i.test(said)) return undefined;
  // A store for everything may be without its program where only some registries need it.
  if (!found && own === undefined) return undefined;
  if (code !== 0) {
    const why = found ? `ended with ${code ?? 1}: ${said.trim().split("\n")[0] ?? ""}` : "is not installed";
    throw new ScaffoldError("registry-failed", `The credentials of ${key} are kept by ${program}, which ${why}.`);
  }
  const answer = parseObject(said);
  const user = textAt(answer, "Username") ?? "";
  const secret = textAt(answer, "Secret") ?? "";
  return user === "<token>" ? { kind: "refresh-token", token: secret } : { kind: "password", user, password: secret };
}

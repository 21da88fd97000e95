import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { ScaffoldError } from "../../errors.ts";
import { findCrds, type CrdDocument, type Documents } from "../../import/index.ts";
import { connectTo, guarded } from "../dev/cluster.ts";

const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;

/** Larger than any bundle of CRDs that people publish, small enough to hold. */
const maxBytes = 64 * 1024 * 1024;
const answerWithin = 30_000;

/**
 * Everything that the words on the command line lead to: files, folders, URLs, the standard input, or CRDs of a cluster.
 *
 * @throws ScaffoldError `bad-option`, `bad-crd`, `cluster-unreachable`, `crd-missing`
 */
export async function readSources(
  { from, kubeconfig, context }: { from: readonly string[]; kubeconfig: string | undefined; context: string | undefined },
  cwd: string,
): Promise<Documents> {
  const [first, ...names] = from;
  if (first === "cluster" && !existsSync(join(cwd, first))) return { crds: await ofCluster(names, kubeconfig, context), others: 0 };
  const found: Documents[] = [];
  for (const word of from) {
    if (word === "-") found.push(findCrds(await text(process.stdin), "the standard input"));
    else if (/^https?:\/\//.test(word)) found.push(findCrds(await ofUrl(word), word));
    else found.push(...ofPath(word, cwd));
  }
  return { crds: found.flatMap(({ crds }) => crds), others: found.reduce((sum, { others }) => sum + others, 0) };
}

function ofPath(word: string, cwd: string): Documents[] {
  const path = resolve(cwd, word);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ScaffoldError("bad-option", `There is no ${word}: pass a file, a folder, a URL, - or cluster NAME.`);
  if (!stat.isDirectory()) return [findCrds(readText(path, word), word)];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) => ofFolder(file, join(word, relative(path, file))));
}

/** A folder holds templates and values too, which are no YAML or no concern of ours. */
function ofFolder(file: string, name: string): Documents[] {
  const content = readText(file, name);
  return content.includes("CustomResourceDefinition") ? [findCrds(content, name)] : [];
}

function readText(path: string, name: string): string {
  if (statSync(path).size > maxBytes) throw new ScaffoldError("bad-crd", `${name} is larger than 64 MiB: pass a smaller part of it.`);
  return readFileSync(path, "utf8");
}

/** Plain HTTP is for servers of this machine: a manifest that somebody changed on the way would become code. */
async function ofUrl(word: string): Promise<string> {
  const url = URL.parse(word);
  if (url === null) throw new ScaffoldError("bad-option", `${word} is no URL: write one such as https://example.com/crds.yaml.`);
  if (url.protocol === "http:" && !/^(?:localhost|127\.[0-9.]+|\[::1\])$/.test(url.hostname)) {
    throw new ScaffoldError("bad-option", `${word} is not encrypted: write https, or download it yourself and pass the file.`);
  }
  const failed = (reason: string, cause?: unknown): ScaffoldError =>
    new ScaffoldError(
      "bad-option",
      `${word} could not be read (${reason}): check the address, or download it yourself and pass the file.`,
      { cause },
    );
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerWithin) });
    if (!response.ok) throw failed(`status ${response.status}`);
    return await limited(response, failed);
  } catch (error) {
    if (error instanceof ScaffoldError || !(error instanceof Error)) throw error;
    const cause = error.cause instanceof Error ? error.cause : error;
    throw failed(cause.message, error);
  }
}

async function limited(response: Response, failed: (reason: string) => ScaffoldError): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    if (!(part instanceof Uint8Array)) continue;
    size += part.byteLength;
    if (size > maxBytes) throw failed("larger than 64 MiB");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

async function ofCluster(names: readonly string[], kubeconfig: string | undefined, context: string | undefined): Promise<CrdDocument[]> {
  if (names.length === 0)
    throw new ScaffoldError("bad-option", "Which CRDs of the cluster? Pass their names, such as certificates.cert-manager.io.");
  const { name: cluster, connection } = await connectTo({ kubeconfig, context });
  try {
    const found: CrdDocument[] = [];
    for (const name of names) {
      const crd = await guarded(cluster, connection.client.get(crdKind, { name }));
      if (crd === undefined)
        throw new ScaffoldError("crd-missing", `${cluster} has no CRD ${name}: see kubectl get crd for those that it has.`);
      found.push(...findCrds(JSON.stringify(crd), name).crds);
    }
    return found;
  } finally {
    connection.close();
  }
}

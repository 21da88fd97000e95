import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ScaffoldError, reasonOf } from "../../errors.ts";
import { runProgram } from "../../program.ts";
import { isDeployment, type Manifest } from "./objects.ts";

interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: string;
}

interface PodTemplate {
  metadata?: { annotations?: Record<string, string>; [field: string]: unknown };
  spec?: { containers?: Container[] };
}

const mainContainer = "kubectl.kubernetes.io/default-container";
/** What the scaffold's Deployment has. */
const label = ["control-plane", "controller-manager"] as const;
const contentAnnotation = "kubescaffold.dev/image-content";

/** What config/manager says until somebody chooses an image. */
export const placeholderImage = "controller:latest";

/**
 * The objects with another image for the operator.
 *
 * @throws ScaffoldError `bad-option` for what is no image's name, `bad-manifest` when they do not say which container is the operator
 */
export function withImage(objects: readonly Manifest[], image: string): Manifest[] {
  if (!/^[a-z0-9][\w.:/@-]*$/i.test(image)) {
    throw new ScaffoldError("bad-option", `--image ${image} is no name of an image: use one such as example.com/operator:0.1.0.`);
  }
  const copies = structuredClone([...objects]);
  const container = containerOf(operatorDeployment(copies));
  if (container === undefined) {
    throw new ScaffoldError(
      "bad-manifest",
      `The manifests do not say which container is the operator, so that --image is of no use: give its Deployment the label ${label.join(": ")}, and its pods the annotation ${mainContainer}.`,
    );
  }
  container.image = image;
  return copies;
}

/** The image that the operator's Deployment asks for; undefined when the manifests do not say which container is the operator. */
export function operatorImage(objects: readonly Manifest[]): { readonly image: string; readonly alwaysPulled: boolean } | undefined {
  const container = containerOf(operatorDeployment(objects));
  if (container === undefined) return undefined;
  const { image = "", imagePullPolicy } = container;
  const isLatest = !image.includes("@") && (/:latest$/.test(image) || !/:[^/]+$/.test(image));
  return { image, alwaysPulled: imagePullPolicy === "Always" || (imagePullPolicy === undefined && isLatest) };
}

/** The only Deployment, or the one with the operator's label. */
function operatorDeployment(objects: readonly Manifest[]): Manifest | undefined {
  const all = objects.filter((object) => isDeployment(object));
  const [name, value] = label;
  return all.length === 1 ? all[0] : all.find(({ metadata }) => metadata.labels?.[name] === value);
}

/** The only container, or the one that the annotation names. */
function containerOf(deployment: Manifest | undefined): Container | undefined {
  const { metadata, spec } = (deployment?.["spec"] as { template?: PodTemplate } | undefined)?.template ?? {};
  const containers = spec?.containers ?? [];
  return containers.length === 1 ? containers[0] : containers.find(({ name }) => name === metadata?.annotations?.[mainContainer]);
}

/**
 * The objects with a note of what the image holds on the operator's pods: where an image of the same name has other content than the last one, the
 * pods are made anew.
 */
export function withContent(objects: readonly Manifest[], content: string): Manifest[] {
  const copies = structuredClone([...objects]);
  const { template } = (operatorDeployment(copies)?.["spec"] ?? {}) as { template?: PodTemplate };
  if (template !== undefined) {
    template.metadata = { ...template.metadata, annotations: { ...template.metadata?.annotations, [contentAnnotation]: content } };
  }
  return copies;
}

/**
 * What an image holds, as a digest: of an archive, or of the image of that name that the container engine has, which kind's own variable chooses.
 *
 * @returns undefined when the engine, or the image in it, is not there
 */
export async function contentOf(image: string, archive: string | undefined, cwd: string): Promise<string | undefined> {
  if (archive === undefined) {
    const engine = process.env["KIND_EXPERIMENTAL_PROVIDER"] ?? "docker";
    const { code, out } = await runProgram(engine, ["image", "inspect", "--format", "{{.Id}}", image], { cwd });
    return code === 0 ? out.toString().trim() : undefined;
  }
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(resolve(cwd, archive))) hash.update(chunk as Buffer);
  } catch (error) {
    const why = reasonOf(error);
    throw new ScaffoldError("bad-option", `The archive ${archive} cannot be read: ${why}.`, { cause: error });
  }
  return `sha256:${hash.digest("hex")}`;
}

/** What an archive calls the images in it; none where there is no such file. */
export async function namesIn(archive: string, cwd: string): Promise<string[]> {
  const file = resolve(cwd, archive);
  if (!existsSync(file)) return [];
  const { namesInArchive } = await import("../../image/index.ts");
  return namesInArchive(readFileSync(file));
}

/**
 * Copies an image into the nodes of a kind cluster, by the program `kind`.
 *
 * @param archive as `docker save` or `scaffold build` write it; else the container engine's image of that name
 * @throws ScaffoldError `no-program`, `load-failed`
 */
export async function loadIntoKind(cluster: string, image: string, archive: string | undefined, cwd: string): Promise<void> {
  const source = archive === undefined ? ["docker-image", image] : ["image-archive", archive];
  const { found, code, out, err } = await runProgram("kind", ["load", ...source, "--name", cluster], { cwd });
  if (code === 0) return;
  if (!found) {
    throw new ScaffoldError(
      "no-program",
      "There is no kind on this machine: install it, or pass --context to deploy without loading an image.",
    );
  }
  throw new ScaffoldError(
    "load-failed",
    `kind could not load ${archive ?? image} into ${cluster}: ${(err || out.toString()).trim().replace(/^ERROR: /, "")}`,
  );
}

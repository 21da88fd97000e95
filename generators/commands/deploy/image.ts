import { spawn } from "node:child_process";
import { once } from "node:events";
import { ScaffoldError } from "../../errors.ts";
import { describe, isDeployment, type Manifest } from "./objects.ts";

interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: string;
}

interface PodTemplate {
  metadata?: { annotations?: Record<string, string> };
  spec?: { containers?: Container[] };
}

const mainContainer = "kubectl.kubernetes.io/default-container";

/**
 * The objects with another image for the operator: in each Deployment, that of its default container.
 *
 * @throws ScaffoldError `bad-option` for what is no image's name, `bad-manifest` when there is no container to take it
 */
export function withImage(objects: readonly Manifest[], image: string): Manifest[] {
  if (!/^[a-z0-9][\w.:/@-]*$/i.test(image)) {
    throw new ScaffoldError("bad-option", `--image ${image} is no name of an image: use one such as example.com/operator:0.1.0.`);
  }
  const copies = structuredClone([...objects]);
  for (const container of operatorContainers(copies)) container.image = image;
  return copies;
}

/** The image that the operator's Deployment asks for. */
export function operatorImage(objects: readonly Manifest[]): { readonly image: string; readonly alwaysPulled: boolean } {
  const [container] = operatorContainers(objects);
  const { image = "", imagePullPolicy } = container ?? { name: "" };
  const isLatest = !image.includes("@") && (/:latest$/.test(image) || !/:[^/]+$/.test(image));
  return { image, alwaysPulled: imagePullPolicy === "Always" || (imagePullPolicy === undefined && isLatest) };
}

function operatorContainers(objects: readonly Manifest[]): Container[] {
  const deployments = objects.filter((object) => isDeployment(object));
  if (deployments.length === 0)
    throw new ScaffoldError("bad-manifest", "There is no Deployment in the manifests, so nothing has an image.");
  return deployments.map((deployment) => {
    const { metadata, spec } = (deployment["spec"] as { template?: PodTemplate } | undefined)?.template ?? {};
    const containers = spec?.containers ?? [];
    const name = metadata?.annotations?.[mainContainer];
    const found = name === undefined && containers.length === 1 ? containers[0] : containers.find((container) => container.name === name);
    if (found === undefined) {
      throw new ScaffoldError(
        "bad-manifest",
        `The ${describe(deployment)} does not say which container is the operator: name it in the annotation ${mainContainer} of its pods.`,
      );
    }
    return found;
  });
}

/**
 * Copies an image into the nodes of a kind cluster, by the program `kind`; nothing is copied when they have it.
 *
 * @param source an archive (`docker save`, OCI), else the container engine's image of that name
 * @returns false when the engine has no such image: the cluster has to pull it
 * @throws ScaffoldError `no-program`, `load-failed`
 */
export async function loadIntoKind(cluster: string, image: string, archive: string | undefined, cwd: string): Promise<boolean> {
  const source = archive === undefined ? ["docker-image", image] : ["image-archive", archive];
  const child = spawn("kind", ["load", ...source, "--name", cluster], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  let code: unknown;
  try {
    [code] = (await once(child, "close")) as unknown[];
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new ScaffoldError(
      "no-program",
      "There is no kind on this machine: install it, or pass --context to deploy without loading an image.",
      {
        cause: error,
      },
    );
  }
  if (code === 0) return true;
  if (archive === undefined && said.includes("not present locally")) return false;
  throw new ScaffoldError("load-failed", `kind could not load ${archive ?? image} into ${cluster}: ${said.trim().replace(/^ERROR: /, "")}`);
}

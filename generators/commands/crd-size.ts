import { crdPath, customResourceDefinition, lastAppliedBytes, mostAnnotationBytes } from "../emit/index.ts";
import type { Resource } from "../model/index.ts";
import type { Project } from "../project/index.ts";
import { paint, type Console } from "./console.ts";

/** Says which CRDs `kubectl apply` cannot install without `--server-side`, as the annotation that it writes would be too large. */
export function warnOfSize(project: Project, resources: readonly Resource[], console: Console): void {
  for (const resource of resources) {
    const bytes = lastAppliedBytes(customResourceDefinition(resource, project.file.outputs));
    if (bytes <= mostAnnotationBytes) continue;
    const size = `${Math.ceil(bytes / 1024)} KiB`;
    console.err(
      paint(
        console,
        "yellow",
        `${crdPath(resource)} has ${size}, and kubectl apply can install ${mostAnnotationBytes / 1024} KiB: use kubectl apply --server-side, or shorten the descriptions with scaffold generate --max-description-length.`,
      ),
    );
  }
}

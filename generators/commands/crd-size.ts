import { parse } from "yaml";
import { lastAppliedBytes, mostAnnotationBytes } from "../emit/index.ts";
import type { Project } from "../project/index.ts";
import { paint, type Console } from "./console.ts";

/** Texts that are shorter cannot hold a CRD that is too large, and are not parsed. */
const surelySmall = 32 * 1024;

/** Says which CRDs `kubectl apply` cannot install without `--server-side`, as the annotation that it writes would be too large. */
export function warnOfSize(project: Project, console: Console): void {
  for (const path of [...project.file.files.keys()].sort()) {
    const text = path.startsWith("config/crd/bases/") ? project.set.read(path) : undefined;
    if (text === undefined || text.length < surelySmall) continue;
    const bytes = lastAppliedBytes(parse(text, { version: "1.1" }));
    if (bytes <= mostAnnotationBytes) continue;
    const size = `${Math.ceil(bytes / 1024)} KiB`;
    console.err(
      paint(
        console,
        "yellow",
        `${path} has ${size}, and kubectl apply can install ${mostAnnotationBytes / 1024} KiB: use kubectl apply --server-side, or shorten the descriptions with scaffold generate --max-description-length.`,
      ),
    );
  }
}

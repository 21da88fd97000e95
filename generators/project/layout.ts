import { type Resource } from "./file.ts";

/** Where the files of a new kind go. */
export interface ApiLayout {
  /** The folder of its types, such as `api/v1alpha1`. */
  readonly path: string;
  /** The folder of its controller, such as `controllers`. */
  readonly controllerFolder: string;
  /** True when the group is not the project's first one, so that it gets folders of its own. */
  readonly ownFolders: boolean;
}

/**
 * Kubebuilder's single-group layout for the first group of a project (`api/v1alpha1`, `controllers`), and its
 * multi-group layout for all further groups (`api/fleet/v1alpha1`, `controllers/fleet`). Nothing is ever moved.
 */
export function layoutOf(resources: readonly Resource[], group: string, version: string): ApiLayout {
  const first = resources[0]?.group ?? group;
  return first === group
    ? { path: `api/${version}`, controllerFolder: "controllers", ownFolders: false }
    : { path: `api/${group}/${version}`, controllerFolder: `controllers/${group}`, ownFolders: true };
}

/** The files of a kind's controller. */
export function controllerPaths(resources: readonly Resource[], resource: Resource): { controller: string; test: string } {
  const { controllerFolder } = layoutOf(resources, resource.group, resource.version);
  const stem = `${controllerFolder}/${resource.kind.toLowerCase()}.controller`;
  return { controller: `${stem}.ts`, test: `${stem}.test.ts` };
}

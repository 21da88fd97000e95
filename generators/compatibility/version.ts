import type { ResourceVersion } from "../model/index.ts";
import type { Add } from "./finding.ts";

/** What a version says besides its schema. */
export function compareVersion(before: ResourceVersion, after: ResourceVersion, add: Add): void {
  if (before.served && !after.served)
    add("breaking", "version-unserved", undefined, "the version is no longer served: clients that use it get 404");
  if (!before.served && after.served) add("compatible", "version-served", undefined, "the version is served now");
  if (JSON.stringify(before.deprecated) !== JSON.stringify(after.deprecated)) {
    const words =
      after.deprecated === undefined ? "the version is no longer deprecated" : "clients get a warning that the version is deprecated";
    add("compatible", "deprecation-changed", undefined, words);
  }
  compareStatus(before, after, add);
  compareScale(before, after, add);
  const gone = before.selectableFields.filter((path) => !after.selectableFields.includes(path));
  const added = after.selectableFields.filter((path) => !before.selectableFields.includes(path));
  for (const path of gone)
    add(
      "breaking",
      "selectable-field-removed",
      path.slice(1),
      "it is no selectable field any more: requests with it in a field selector fail",
    );
  for (const path of added) add("compatible", "selectable-field-added", path.slice(1), "it is a selectable field now");
  if (JSON.stringify(before.printColumns) !== JSON.stringify(after.printColumns))
    add("compatible", "columns-changed", undefined, "kubectl get shows other columns");
}

function compareStatus(before: ResourceVersion, after: ResourceVersion, add: Add): void {
  if (before.status && !after.status) {
    add(
      "breaking",
      "subresource-removed",
      "status",
      "the status subresource is gone: requests to it fail, and whoever writes the object may overwrite its status",
    );
  } else if (!before.status && after.status) {
    add(
      "check by hand",
      "subresource-added",
      "status",
      "the status has an endpoint of its own now: writes of the object no longer change its status, without an error",
    );
  }
}

function compareScale({ scale: before }: ResourceVersion, { scale: after }: ResourceVersion, add: Add): void {
  if (before !== undefined && after === undefined) {
    add("breaking", "subresource-removed", undefined, "the scale subresource is gone: kubectl scale and autoscalers fail");
    return;
  }
  if (before === undefined) {
    if (after !== undefined) add("compatible", "subresource-added", undefined, "the scale subresource is new");
    return;
  }
  for (const key of ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"] as const) {
    const [old, now] = [before[key], after?.[key]];
    if (old === now || (old === undefined && now !== undefined)) continue;
    const words = `the scale subresource has ${now === undefined ? "no" : `${now} as its`} ${key}, not ${old ?? ""}`;
    add("check by hand", "scale-changed", undefined, `${words}: kubectl scale and autoscalers see other numbers`);
  }
}

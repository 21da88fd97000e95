import type { Api } from "../api.ts";
import { compareVersions, type GroupVersion, type ServedGroup, type ServedVersion } from "../resources/index.ts";

/** What CustomResourceDefinitions get. */
const CUSTOM = { group: 1000, version: 100 };

/** All groups: those of this server itself first, then all others by the priorities that their APIServices give them. */
export function allGroups(api: Api): ServedGroup[] {
  const remote = api.aggregation.all();
  const local = api.registry.groups().map((group): ServedGroup => ({ name: group.name, versions: group.versions.map(ofHere) }));
  if (remote.length === 0) return local;
  const names = new Set(remote.map(({ delegate }) => delegate.group));
  const joined = [...names].map((name) => {
    const own = remote.filter(({ delegate }) => delegate.group === name);
    const here = (api.registry.groups().find((group) => group.name === name)?.versions ?? []).filter(
      ({ version }) => !api.aggregation.find(name, version),
    );
    const versions = [
      ...here.map((each) => ({ priority: CUSTOM.version, each: ofHere(each) })),
      ...own.map(({ delegate, discovery }) => ({
        priority: delegate.versionPriority,
        each: { version: delegate.version, remote: discovery },
      })),
    ].sort((a, b) => b.priority - a.priority || compareVersions(a.each.version, b.each.version));
    const priority = Math.max(...own.map(({ delegate }) => delegate.groupPriority), ...(here.length > 0 ? [CUSTOM.group] : []));
    return { name, priority, versions: versions.map(({ each }) => each) };
  });
  const find = (name: string): ServedGroup | undefined => joined.find((group) => group.name === name);
  const builtin = local.filter(({ name }) => api.registry.isBuiltin(name)).map((group) => find(group.name) ?? group);
  const others = [
    ...local.filter(({ name }) => !api.registry.isBuiltin(name) && !names.has(name)).map((group) => ({ ...group, priority: CUSTOM.group })),
    ...joined.filter(({ name }) => !api.registry.isBuiltin(name)),
  ].sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  return [...builtin, ...others];
}

function ofHere(local: GroupVersion): ServedVersion {
  return { version: local.version, local };
}

import type { Entry } from "./kubeconfig-file.ts";

/** The headers that act in another user's name, as a kubeconfig's user asks for it with `as`, `as-uid`, `as-groups` and `as-user-extra`. */
export function impersonation(user: Entry): Record<string, string | string[]> {
  const { as, "as-uid": uid, "as-groups": groups, "as-user-extra": extra } = user;
  return {
    ...(isText(as) && { "Impersonate-User": as }),
    ...(isText(uid) && { "Impersonate-Uid": uid }),
    ...(isTexts(groups) && { "Impersonate-Group": groups }),
    // Names may have any characters, headers not (client-go encodes them in the same way).
    ...Object.fromEntries(
      Object.entries(typeof extra === "object" && extra !== null ? extra : {})
        .filter((pair): pair is [string, string[]] => isTexts(pair[1]))
        .map(([name, values]) => [`Impersonate-Extra-${encodeURIComponent(name)}`, values]),
    ),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Client } from "../../../../runtime/client/index.ts";
import type { UnstructuredObject } from "../../../../runtime/object/index.ts";
import { kubeconfigFor } from "../../../../runtime/testing/index.ts";
import { NAMESPACE, type Site } from "./operators.ts";

const RBAC = "rbac.authorization.k8s.io";
const PAGE = join(import.meta.dirname, "../../../../docs/concepts/admission.md");

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

export interface Role extends UnstructuredObject {
  rules: Rule[];
}

/** The roles that the documentation says are enough. */
export async function documentedRoles(section: string): Promise<Role[]> {
  const [, page = ""] = (await readFile(PAGE, "utf8")).split(`### ${section}\n`);
  const [, text = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  return parseAllDocuments(text).map((document) => document.toJS() as Role);
}

/** Every single permission in the roles, in words, and the roles without it. */
export function withoutEach(roles: readonly Role[]): [string, Role[]][] {
  return roles.flatMap((role, at) =>
    role.rules.flatMap((rule, index) =>
      rule.verbs.map((verb): [string, Role[]] => {
        const rules = role.rules.with(index, { ...rule, verbs: rule.verbs.filter((other) => other !== verb) });
        return [`${verb} ${rule.resources.join()}`, roles.with(at, { ...role, rules: rules.filter(({ verbs }) => verbs.length > 0) })];
      }),
    ),
  );
}

let accounts = 0;
let grants = 0;

/** A kubeconfig of a service account that has these roles and no others. */
export async function accountWith(site: Pick<Site, "kubeconfig"> & { client: Client }, roles: readonly Role[]): Promise<string> {
  const account = `operator-${++accounts}`;
  await site.client.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace: NAMESPACE } });
  await grant(site, account, roles);
  return kubeconfigFor({ kubeconfig: site.kubeconfig, serviceAccount: account, namespace: NAMESPACE });
}

/** Gives a service account, named itself or by its kubeconfig, more roles. */
export async function grant({ client }: { client: Client }, account: string, roles: readonly Role[]): Promise<void> {
  const [, name = account] = /-(operator-\d+)\.kubeconfig$/.exec(account) ?? [];
  const subjects = [{ kind: "ServiceAccount", name, namespace: NAMESPACE }];
  for (const { kind, rules } of roles) {
    const metadata = { name: `${name}-${++grants}`, ...(kind === "Role" && { namespace: NAMESPACE }) };
    await client.create({ apiVersion: `${RBAC}/v1`, kind, metadata, rules });
    const roleRef = { apiGroup: RBAC, kind, name: metadata.name };
    await client.create({ apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, roleRef, subjects });
  }
}

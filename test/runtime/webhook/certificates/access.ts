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
        return [
          `${verb} ${rule.resources.join()}`,
          roles.with(at, { ...role, rules: rules.filter(({ verbs }) => verbs.length > 0) } as Role) as Role[],
        ];
      }),
    ),
  );
}

let accounts = 0;

/** A kubeconfig of a service account that has these roles and no others. */
export async function accountWith(site: Pick<Site, "kubeconfig"> & { client: Client }, roles: readonly Role[]): Promise<string> {
  const account = `operator-${++accounts}`;
  const subjects = [{ kind: "ServiceAccount", name: account, namespace: NAMESPACE }];
  await site.client.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: account, namespace: NAMESPACE } });
  for (const [index, { kind, rules }] of roles.entries()) {
    const name = `${account}-${index}`;
    const metadata = kind === "Role" ? { name, namespace: NAMESPACE } : { name };
    await site.client.create({ apiVersion: `${RBAC}/v1`, kind, metadata, rules });
    const roleRef = { apiGroup: RBAC, kind, name };
    await site.client.create({ apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, roleRef, subjects });
  }
  return kubeconfigFor({ kubeconfig: site.kubeconfig, serviceAccount: account, namespace: NAMESPACE });
}

import type { IncomingHttpHeaders } from "node:http";
import type { Api } from "../api.ts";
import { badRequest, unauthorized } from "../errors.ts";
import type { User } from "../http/index.ts";
import { requireAllowed, type Attributes } from "./authorize.ts";
import { ISSUER } from "./tokens.ts";

/** A request without credentials comes from the test itself, which may do everything. */
export const ADMIN: User = { name: "kubernetes-admin", uid: "", groups: ["system:masters", "system:authenticated"], extra: {} };

/** Credentials of a kind that the server does not know count as none. */
const ANONYMOUS: User = { name: "system:anonymous", uid: "", groups: ["system:unauthenticated"], extra: {} };

/** Who a request counts as: its sender, or whom the sender impersonates. Throws StatusFailure 401 or 403. */
export function authenticate(api: Api, headers: IncomingHttpHeaders): User {
  return impersonated(api, sender(api, headers.authorization), headers);
}

function sender(api: Api, authorization: string | undefined): User {
  if (authorization === undefined) return ADMIN;
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) return ANONYMOUS;
  const verified = api.tokens.verify(token, [ISSUER]);
  if (verified === undefined) throw unauthorized();
  return verified.user;
}

const EXTRA = "impersonate-extra-";

function impersonated(api: Api, user: User, headers: IncomingHttpHeaders): User {
  const name = header(headers, "impersonate-user");
  const uid = header(headers, "impersonate-uid");
  const groups = list(headers, "impersonate-group");
  const extra: Record<string, string[]> = {};
  for (const key of Object.keys(headers)) {
    if (key.startsWith(EXTRA)) extra[decodeURIComponent(key.slice(EXTRA.length))] = list(headers, key);
  }
  if (name === undefined) {
    if (uid === undefined && groups.length === 0 && Object.keys(extra).length === 0) return user;
    const wanted = [...groups.map((group) => `{Group  ${group}    }`), ...(uid === undefined ? [] : [`{UID  ${uid}    }`])];
    throw badRequest(`requested [${wanted.join(" ")}] without impersonating a user`);
  }
  const may = (attributes: Partial<Attributes>) => requireAllowed(api, { ...IMPERSONATE, user, ...attributes });
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name);
  if (account) may({ plural: "serviceaccounts", namespace: account[1] ?? "", name: account[2] ?? "" });
  else may({ plural: "users", name });
  for (const group of groups) may({ plural: "groups", name: group });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) may({ group: "authentication.k8s.io", plural: "userextras", subresource: key, name: value });
  }
  if (uid !== undefined) may({ group: "authentication.k8s.io", plural: "uids", name: uid });
  const own = account && groups.length === 0 ? ["system:serviceaccounts", `system:serviceaccounts:${account[1] ?? ""}`] : groups;
  const isKnown = own.includes("system:authenticated") || own.includes("system:unauthenticated") || name === "system:anonymous";
  return { name, uid: uid ?? "", groups: isKnown ? own : [...own, "system:authenticated"], extra };
}

const IMPERSONATE: Omit<Attributes, "user"> = {
  verb: "impersonate",
  isResource: true,
  path: "",
  group: "",
  version: "v1",
  plural: "",
  subresource: "",
  namespace: "",
  name: "",
};

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  return list(headers, name)[0];
}

/** All values of a header; node joins those of one name with commas. */
function list(headers: IncomingHttpHeaders, name: string): string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : value.split(",")).map((each) => each.trim()).filter((each) => each !== "");
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type JsonWebKey, type KeyObject } from "node:crypto";
import { isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { User } from "../http/index.ts";
import type { Store } from "../store/index.ts";
import { strings } from "../resources/index.ts";
import { newUid } from "../api.ts";

export const ISSUER = "https://kubernetes.default.svc.cluster.local";

/** What a token is asked to say. */
export interface TokenClaims {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  /** Seconds since the epoch. */
  readonly issued: number;
  readonly expires: number;
  /** The object whose deletion ends the token. */
  readonly bound: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
}

/** What a token says, and which audiences of those asked for it is meant for. */
export interface Verified {
  readonly user: User;
  readonly audiences: readonly string[];
}

/** Mints and checks service account tokens: JWTs (RFC 7519) signed with a key that lives as long as the server. */
export class ServiceAccountTokens {
  readonly #store: Store;
  readonly #now: () => number;
  #key: KeyObject | undefined;

  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  mint(claims: TokenClaims): string {
    const payload = {
      aud: claims.audiences,
      exp: claims.expires,
      iat: claims.issued,
      iss: ISSUER,
      jti: newUid(),
      "kubernetes.io": {
        namespace: claims.namespace,
        ...(claims.bound === undefined ? {} : { [claims.bound.kind.toLowerCase()]: { name: claims.bound.name, uid: claims.bound.uid } }),
        serviceaccount: { name: claims.name, uid: claims.uid },
      },
      nbf: claims.issued,
      sub: `system:serviceaccount:${claims.namespace}:${claims.name}`,
    };
    const head = `${encode({ alg: "ES256", kid: "embedded", typ: "JWT" })}.${encode(payload)}`;
    const signature = sign("sha256", Buffer.from(head), { key: this.#privateKey(), dsaEncoding: "ieee-p1363" });
    return `${head}.${signature.toString("base64url")}`;
  }

  /** The user of a token that is signed by us, not expired, meant for one of the audiences and whose objects still exist; else `undefined`. */
  verify(token: string, audiences: readonly string[]): Verified | undefined {
    const payload = this.#payload(token);
    if (payload === undefined) return undefined;
    const expires = payload["exp"];
    const own = strings(payload, "aud");
    const meant = audiences.filter((audience) => own.includes(audience));
    if (typeof expires !== "number" || expires * 1000 <= this.#now() || meant.length === 0) return undefined;
    const claims = objectAt(payload, "kubernetes.io");
    const namespace = stringAt(claims, "namespace") ?? "";
    const name = stringAt(claims, "serviceaccount", "name") ?? "";
    const uid = stringAt(claims, "serviceaccount", "uid") ?? "";
    if (this.#uidOf("serviceaccounts", namespace, name) !== uid) return undefined;
    const extra: Record<string, string[]> = { "authentication.kubernetes.io/credential-id": [`JTI=${stringAt(payload, "jti") ?? ""}`] };
    for (const [kind, collection] of [
      ["pod", "pods"],
      ["secret", "secrets"],
    ] as const) {
      const bound = objectAt(claims, kind);
      if (bound === undefined) continue;
      const boundName = stringAt(bound, "name") ?? "";
      const boundUid = stringAt(bound, "uid") ?? "";
      if (this.#uidOf(collection, namespace, boundName) !== boundUid) return undefined;
      if (kind === "pod") {
        extra["authentication.kubernetes.io/pod-name"] = [boundName];
        extra["authentication.kubernetes.io/pod-uid"] = [boundUid];
      }
    }
    return { user: serviceAccountUser(namespace, name, uid, extra), audiences: meant };
  }

  /** The public key as `/openid/v1/jwks` shows it. */
  jwks(): JsonObject {
    const jwk: JsonWebKey = createPublicKey(this.#privateKey()).export({ format: "jwk" });
    return { keys: [{ use: "sig", kid: "embedded", alg: "ES256", ...(jwk as JsonObject) }] };
  }

  #payload(token: string): JsonObject | undefined {
    const [header = "", body = "", signature = "", ...rest] = token.split(".");
    if (rest.length > 0 || signature === "") return undefined;
    const key = { key: createPublicKey(this.#privateKey()), dsaEncoding: "ieee-p1363" as const };
    if (!verify("sha256", Buffer.from(`${header}.${body}`), key, Buffer.from(signature, "base64url"))) return undefined;
    const payload: unknown = JSON.parse(Buffer.from(body, "base64url").toString());
    return isObject(payload as JsonObject) ? (payload as JsonObject) : undefined;
  }

  #uidOf(collection: string, namespace: string, name: string): string | undefined {
    return stringAt(this.#store.collection(collection).get(`${namespace}/${name}`)?.object, "metadata", "uid");
  }

  /** Made on first use: most tests never see a token. */
  #privateKey(): KeyObject {
    return (this.#key ??= createPrivateKey(
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" }),
    ));
  }
}

function serviceAccountUser(namespace: string, name: string, uid: string, extra: User["extra"] = {}): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
    extra,
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

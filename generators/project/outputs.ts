import { ScaffoldError } from "../errors.ts";
import type { CertificateSource } from "../model/index.ts";

/** What `scaffold generate` writes besides, or otherwise, in this project: the key `generate` of PROJECT. */
export interface Outputs {
  /** Descriptions in CRDs are cut to so many characters; 0 leaves them out. */
  readonly maxDescriptionLength?: number;
  /** A folder for a JSON Schema of each version. */
  readonly jsonSchema?: string;
  /** A file for an OpenAPI document of all kinds. */
  readonly openapi?: string;
  /** Who looks after the certificate of the webhook server, when it is not the operator itself. */
  readonly webhookCertificates?: WebhookCertificates;
}

/** What is not kept is `self`. */
export type WebhookCertificates = Exclude<CertificateSource, "self">;

/** Checks who looks after certificates; `self`, the operator itself, is what is not kept. */
export function checkWebhookCertificates(text: string): WebhookCertificates | undefined {
  if (text === "self") return undefined;
  if (text === "cert-manager" || text === "files") return text;
  const signer = /^csr:([a-z0-9.-]+\/[^\s/]+)$/.exec(text)?.[1];
  if (signer !== undefined) return `csr:${signer}`;
  throw new ScaffoldError(
    "bad-option",
    `${JSON.stringify(text)} cannot look after certificates: pass self, cert-manager, files, or csr:<signer>, such as csr:example.com/webhooks.`,
  );
}

/** Checks a limit of characters. */
export function checkDescriptionLength(text: string): number {
  if (!/^\d{1,6}$/.test(text))
    throw new ScaffoldError(
      "bad-option",
      `The length ${JSON.stringify(text)} is no whole number: pass characters, or 0 for no descriptions.`,
    );
  return Number(text);
}

/** Folders that hold something else, in which generated files would be taken for it. */
const taken = /^(?:api|controllers|node_modules|config\/(?:crd|rbac|samples|webhook|policies))(?:\/|$)/;

/** Checks a folder or file of the project that generated documents go to; a slash at its end means nothing. */
export function checkOutputPath(text: string): string {
  const path = text.replace(/^\.\//, "").replace(/\/+$/, "");
  if (path === "" || /^[/\\]|\\|(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\0/.test(path))
    throw new ScaffoldError(
      "bad-option",
      `${JSON.stringify(text)} is no path inside the project: pass one such as schemas, relative to PROJECT.`,
    );
  if (taken.test(path))
    throw new ScaffoldError("bad-option", `${path} is for other files of the project: pass another path, such as schemas.`);
  return path;
}

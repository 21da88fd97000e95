import { createPrivateKey, randomBytes, sign } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Client } from "../../../../runtime/client/index.ts";
import { unstructured, type UnstructuredObject } from "../../../../runtime/object/index.ts";
import { bits, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from "../../../../runtime/webhook/certificates/der.ts";
import { certificateAuthority, type KeyPair } from "../../../../runtime/webhook/index.ts";

const REQUEST = unstructured({ apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" });
export const SIGNER = "example.com/webhooks";

interface Status {
  certificate?: string;
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
}

/** A signer of the cluster, as it would be a controller of its own: signs what is approved. */
export class Signer implements AsyncDisposable {
  readonly authority: KeyPair;
  /** For how long it signs, in milliseconds. */
  lifetime = 3_600_000;
  names: readonly string[];
  readonly #client: Client;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  private constructor(client: Client, authority: KeyPair, names: readonly string[]) {
    this.#client = client;
    this.authority = authority;
    this.names = names;
    this.#done = this.#run();
  }

  static async start(client: Client, names: readonly string[]): Promise<Signer> {
    const authority = await certificateAuthority({
      commonName: "signer",
      notBefore: Date.now() - 60_000,
      notAfter: Date.now() + 86_400_000,
    });
    return new Signer(client, authority, names);
  }

  async requests(): Promise<UnstructuredObject[]> {
    return this.#client.list(REQUEST);
  }

  async decide(request: UnstructuredObject, type: "Approved" | "Denied", message: string): Promise<void> {
    const conditions = [{ type, status: "True", reason: "Tested", message }];
    await this.#client.subresource("approval").update({ ...request, status: { conditions } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
    for (const { metadata } of await this.requests()) await this.#client.delete(REQUEST, { name: metadata.name ?? "" });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      for (const request of await this.requests()) {
        const { certificate, conditions = [] } = (request["status"] ?? {}) as Status;
        if (certificate !== undefined || !conditions.some(({ type }) => type === "Approved")) continue;
        const { request: text } = request["spec"] as { request: string };
        const signed = Buffer.from(this.#sign(Buffer.from(text, "base64").toString())).toString("base64");
        await this.#client.status.update({ ...request, status: { conditions, certificate: signed } });
      }
      await setTimeout(20);
    }
  }

  #sign(request: string): string {
    const der = Buffer.from(request.replaceAll(/-----.*?-----|\s/g, ""), "base64");
    // The public key of P-256 is the only thing that is taken from a request.
    const start = der.indexOf(Buffer.from("3059301306072a8648ce3d0201", "hex"));
    const name = (text: string) => sequence(set(sequence(oid("2.5.4.3"), utf8(text))));
    const names = sequence(...this.names.map((each) => implicit(2, Buffer.from(each))));
    const algorithm = sequence(oid("1.2.840.10045.4.3.2"));
    const now = Date.now();
    const content = sequence(
      explicit(0, integer(Buffer.from([2]))),
      integer(randomBytes(8)),
      algorithm,
      name("signer"),
      sequence(time(now - 1000), time(now + this.lifetime)),
      name("webhooks"),
      der.subarray(start, start + 91),
      explicit(3, sequence(sequence(oid("2.5.29.17"), octets(names)))),
    );
    const signature = bits(sign("sha256", content, createPrivateKey(this.authority.key)));
    const lines =
      sequence(content, algorithm, signature)
        .toString("base64")
        .match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  }
}

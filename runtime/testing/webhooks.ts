import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { WebhookSettings } from "../manager/index.ts";
import { systemClock, type UnstructuredObject } from "../object/index.ts";
import { certificateAuthority, servingCertificate } from "../webhook/index.ts";

const HOUR = 3_600_000;
const HOST = "127.0.0.1";

/** Webhooks of a manager in the test's own process, as an API server on the same machine calls them. */
export interface LocalWebhooks {
  /** What the manager has to be given. */
  readonly settings: WebhookSettings;
  /** The same object, with URLs instead of Services; objects that name none stay as they are. */
  place(object: UnstructuredObject): UnstructuredObject;
}

/** Finds a free port on the loopback interface, and makes a certificate for it. */
export async function localWebhooks(): Promise<LocalWebhooks> {
  const notBefore = systemClock.now() - HOUR;
  const life = { notBefore, notAfter: notBefore + 24 * HOUR };
  const authority = await certificateAuthority({ commonName: "webhooks of a test", ...life });
  const pair = await servingCertificate({ commonName: "webhooks of a test", names: [HOST, "localhost"], ...life }, authority);
  const port = await freePort();
  const client: ClientConfig = { url: `https://${HOST}:${port}`, caBundle: Buffer.from(authority.cert).toString("base64") };
  return {
    settings: { port, host: HOST, certificates: { load: () => Promise.resolve(pair), watch: () => undefined } },
    place: (object) => placed(object, client),
  };
}

interface ClientConfig {
  service?: { path?: string };
  url?: string;
  caBundle?: string;
}

/** The parts of the API's objects that say where a webhook is. */
interface Calling {
  webhooks?: { clientConfig: ClientConfig }[];
  spec?: { conversion?: { webhook?: { clientConfig?: ClientConfig } } };
}

function placed(object: UnstructuredObject, { url = "", caBundle = "" }: ClientConfig): UnstructuredObject {
  const copy = structuredClone(object);
  const { webhooks = [], spec } = copy as Calling;
  for (const caller of [...webhooks, spec?.conversion?.webhook]) {
    const path = caller?.clientConfig?.service?.path;
    if (caller !== undefined && path !== undefined) caller.clientConfig = { url: `${url}${path}`, caBundle };
  }
  return copy;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIP } from "node:net";
import { unstructured, type Connection } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../../errors.ts";

/** Where the API server finds this machine. */
export interface Address {
  /** A name or an IP address. */
  readonly host: string;
  /** Another than the one that is listened on, as behind a tunnel. */
  readonly port?: number;
}

const Node = unstructured({ apiVersion: "v1", kind: "Node" });

/**
 * `HOST`, `HOST:PORT`, `[IPV6]:PORT`.
 *
 * @throws ScaffoldError `bad-option`
 */
export function parseAddress(text: string): Address {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? [];
  const host = bracketed ?? plain ?? "";
  const port = digits === undefined ? undefined : Number(digits);
  const isHost = isIP(host) !== 0 || (bracketed === undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host));
  if (!isHost || (port !== undefined && (port < 1 || port > 65_535))) {
    throw new ScaffoldError(
      "bad-option",
      `--webhook-host ${text} is no address: write a host name or an IP address, and :PORT where it is another.`,
    );
  }
  return { host, ...(port !== undefined && { port }) };
}

/**
 * Guesses by which address the API server reaches this machine: the one that this machine would use to reach it. A server on a loopback address is
 * often a container's published port (kind, k3d, minikube); then the nodes' addresses show where it really is, and the address that leads to them
 * is, for kind on Linux, the gateway of its docker network.
 *
 * @param localAddress which of this machine's addresses leads to a host
 */
export async function guessHost(
  { server, client }: Pick<Connection, "server" | "client">,
  signal: AbortSignal,
  localAddress: (host: string) => Promise<string> = addressTowards,
): Promise<string> {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(host)) return localAddress(host);
  const nodes = await client.list(Node, { signal });
  const node = nodes.map(internalAddress).find((address) => address !== undefined && !isLoopback(address));
  return node === undefined ? "127.0.0.1" : localAddress(node);
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function internalAddress(node: { readonly [field: string]: unknown }): string | undefined {
  const { addresses = [] } = (node["status"] ?? {}) as { addresses?: { type: string; address: string }[] };
  return addresses.find(({ type }) => type === "InternalIP")?.address;
}

/** Asks the routes, and sends nothing: "connecting" a UDP socket only chooses its address. */
async function addressTowards(host: string): Promise<string> {
  const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
  try {
    socket.connect(443, host);
    await once(socket, "connect");
    return socket.address().address;
  } catch (cause) {
    throw new ScaffoldError(
      "cluster-unreachable",
      `No route leads from this machine to ${host}, so its own address cannot be guessed: pass --webhook-host, or --no-webhooks.`,
      { cause },
    );
  } finally {
    socket.close();
  }
}

import { ApiClient } from "./client.ts";
import { RestMapper } from "./discovery.ts";
import { loadConnection, type KubeconfigOptions } from "./kubeconfig.ts";
import { Transport, type TransportOptions } from "./transport.ts";

/** A client, and the connection behind it. */
export interface Connection {
  client: ApiClient;
  transport: Transport;
  mapper: RestMapper;
  /** URL of the API server. */
  server: string;
  /** The namespace of the kubeconfig's context, or of the pod. */
  namespace: string;
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Connects to the API server of a kubeconfig, or of the cluster this process runs in. Nothing is sent yet.
 *
 * @throws KubeconfigError when there is none
 * @example
 * using connection = await connect();
 * const pods = await connection.client.list(Pod, { namespace: "default" });
 */
export async function connect(options: KubeconfigOptions & TransportOptions = {}): Promise<Connection> {
  const config = await loadConnection(options);
  const transport = new Transport(() => Promise.resolve(config), options);
  const mapper = new RestMapper(transport);
  const close = () => transport.close();
  const { server, namespace } = config;
  return { client: new ApiClient({ transport, mapper }), transport, mapper, server, namespace, close, [Symbol.dispose]: close };
}

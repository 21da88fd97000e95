import { expect, test } from "@jest/globals";
import { connect, unstructured } from "@kubescaffold/runtime";
import { EmbeddedCluster } from "@kubescaffold/runtime/testing";
import { guessHost, parseAddress } from "../../../generators/commands/dev/webhooks/address.ts";

const Node = unstructured({ apiVersion: "v1", kind: "Node" });
const signal = new AbortController().signal;

test.each([
  ["laptop", { host: "laptop" }],
  ["laptop.example.com:8443", { host: "laptop.example.com", port: 8443 }],
  ["192.0.2.7", { host: "192.0.2.7" }],
  ["192.0.2.7:443", { host: "192.0.2.7", port: 443 }],
  ["2001:db8::7", { host: "2001:db8::7" }],
  ["[2001:db8::7]:443", { host: "2001:db8::7", port: 443 }],
])("the address %s", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

test.each(["", "https://laptop", "laptop:0", "laptop:65536", "lap top", "-", "[laptop]", "laptop:443/path"])("%p is no address", (text) => {
  expect(() => parseAddress(text)).toThrow("is no address: write a host name or an IP address");
});

test("the address is the one that leads to the API server; of a published port, the one that leads to the nodes behind it", async () => {
  await using cluster = await EmbeddedCluster.start();
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const { client } = connection;
  const towards = (host: string): Promise<string> => Promise.resolve(`towards ${host}`);
  const guess = (server: string): Promise<string> => guessHost({ server, client }, signal, towards);

  expect(await guess("https://192.0.2.1:6443")).toBe("towards 192.0.2.1");
  expect(await guess("https://[2001:db8::1]:6443")).toBe("towards 2001:db8::1");
  expect(await guess("https://api.example.com/path")).toBe("towards api.example.com");
  for (const host of ["127.0.0.1", "localhost", "[::1]"]) expect(await guess(`https://${host}:6443`)).toBe("127.0.0.1");

  const created = await client.create({ ...Node, metadata: { name: "kind-control-plane" } });
  const addresses = [
    { type: "Hostname", address: "kind-control-plane" },
    { type: "InternalIP", address: "172.18.0.2" },
  ];
  await client.status.update({ ...created, status: { addresses } });
  expect(await guess("https://127.0.0.1:43210")).toBe("towards 172.18.0.2");
  expect(await guessHost({ server: "https://127.0.0.2:6443", client: connection.client }, signal)).not.toContain(" ");
});

test("the routes of this machine are asked, and nothing is sent", async () => {
  await using cluster = await EmbeddedCluster.start();
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const { client } = connection;
  const created = await client.create({ ...Node, metadata: { name: "n" } });
  await client.status.update({ ...created, status: { addresses: [{ type: "InternalIP", address: "127.0.0.9" }] } });
  // A node of the same machine: its loopback addresses say nothing.
  expect(await guessHost(connection, signal)).toBe("127.0.0.1");
  await expect(guessHost({ server: "https://nowhere.invalid:6443", client }, signal)).rejects.toThrow(
    "No route leads from this machine to nowhere.invalid, so its own address cannot be guessed: pass --webhook-host, or --no-webhooks.",
  );
});

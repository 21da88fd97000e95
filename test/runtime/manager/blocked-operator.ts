import { expect } from "@jest/globals";
import { once } from "node:events";
import http from "node:http";
import { connect } from "../../../runtime/client/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { operator } from "./operator.ts";

export async function probe(port: number, path: string): Promise<{ status: number; body: string }> {
  const request = http.get({ host: "127.0.0.1", port, path, agent: false });
  const [response] = (await once(request, "response")) as [http.IncomingMessage];
  let body = "";
  for await (const part of response.setEncoding("utf8")) body += part as string;
  return { status: response.statusCode ?? 0, body };
}

const words = /event-loop failed: blocked for \d+ s, while reconciling configmap default\/written \(reconcileID [0-9a-f-]{36}\)/;

/** Blocks an operator on this cluster twice, and sees what its probes and its log say meanwhile. */
export async function probesOfABlockedOperator(kubeconfig: string): Promise<void> {
  const connection = await connect({ kubeconfig });
  await connection.client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name: "written" } });
  const healthProbe = { bindAddress: "127.0.0.1:0", blockedAfter: "1s" };
  const it = operator({ kubeconfig, namespace: "default", identity: "it", healthProbe });
  const { child } = it;
  try {
    const [{ health }] = (await once(child, "message")) as [{ health: number }];
    expect(await probe(health, "/healthz?verbose")).toEqual({ status: 200, body: "[+]ping ok\nhealthz check passed\n" });
    await eventually(async () => expect(await probe(health, "/readyz")).toEqual({ status: 200, body: "ok" }));

    for (const time of [1, 2]) {
      const awake = once(child, "message");
      it.block(4000);
      await eventually(() => expect(it.told().match(new RegExp(words, "g"))).toHaveLength(time));
      for (const path of ["healthz", "livez", "readyz", "healthz/ping"]) {
        const { status, body } = await probe(health, `/${path}`);
        expect({ status, body }).toEqual({ status: 500, body: expect.stringMatching(words) });
        expect(body).toMatch(new RegExp(`^\\[-\\].*\\n${path.split("/")[0] ?? ""} check failed\\n$`));
      }
      await awake;
      await eventually(async () => expect(await probe(health, "/healthz")).toEqual({ status: 200, body: "ok" }));
    }
    const lines = it.told().split("\n").filter((line) => words.test(line)); // prettier-ignore
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: "error", ts: expect.any(String), msg: expect.stringMatching(words) },
      { level: "error", ts: expect.any(String), msg: expect.stringMatching(words) },
    ]);
    child.kill("SIGTERM");
    expect(await it.exit).toEqual([0, null]);
  } finally {
    it.kill();
    connection.close();
  }
}

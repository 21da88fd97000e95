import { expect, test } from "@jest/globals";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { configMap } from "../fake-server.ts";
import { controllerBench, KIND, keyOfName } from "./bench.ts";

const A = "/api/v1/namespaces/default/configmaps/a";

/** A reconciler that writes the status of its object, which the server does not have any more. */
async function writeStatusOfMissing() {
  const bench = await controllerBench({
    async reconcile(_object, { client }) {
      await client.status.patch(KIND, keyOfName("a"), "merge", { status: {} });
      return {};
    },
  });
  bench.server.on(`PATCH ${A}/status`, (exchange) => exchange.fail(404, "NotFound"));
  bench.put("a");
  return bench;
}

test("a run that fails because its object was deleted meanwhile is no failure", async () => {
  await using bench = await writeStatusOfMissing();
  bench.server.on(`GET ${A}`, (exchange) => exchange.fail(404, "NotFound"));
  bench.controller.enqueue(keyOfName("a"));
  await eventually(() => expect(bench.outcomes).toEqual(["success"]));
  expect(bench.at("error")).toEqual([]);
});

test("a run that misses something else is one, and so is one whose object may be there", async () => {
  for (const status of [200, 403]) {
    await using bench = await writeStatusOfMissing();
    bench.server.on(`GET ${A}`, (exchange) => exchange.answer(status === 200 ? configMap("a", "1") : {}, status));
    bench.controller.enqueue(keyOfName("a"));
    await eventually(() => expect(bench.outcomes).toEqual(["retried", "error"]));
    expect(bench.at("error")).toHaveLength(1);
  }
});

import { expect, test } from "@jest/globals";
import { eventually } from "@kubescaffold/runtime/testing";
import { Pod } from "kubernetes-models/v1/Pod";
import { provideImage } from "./images.ts";
import { openSuite } from "./suite.ts";

const { cluster, client, namespace, kubectl } = await openSuite("cluster");

test("a pod runs an image that was loaded, and kubectl shows what it says", async () => {
  await provideImage(cluster, "busybox:1.37");
  const name = "date";
  const container = { name, image: "busybox:1.37", command: ["date", "+%Z"] };
  await client.create(new Pod({ metadata: { namespace, name }, spec: { containers: [container], restartPolicy: "Never" } }));
  await eventually(
    async () => {
      expect((await client.get(Pod, { namespace, name }))?.status?.phase).toBe("Succeeded");
    },
    { timeout: 60_000 },
  );
  expect(await kubectl(["logs", "-n", namespace, name])).toBe("UTC\n");
});

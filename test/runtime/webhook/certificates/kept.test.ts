import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Manager } from "../../../../runtime/manager/index.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { ask, bundlesOf, install, secretOf, started, startSite, type Site } from "./operators.ts";

let site: Site;
let managers: Manager[];
beforeEach(async () => {
  site = await startSite("embedded");
  managers = [];
});
afterEach(async () => {
  await Promise.all(managers.map((manager) => manager.stop()));
  await site[Symbol.asyncDispose]();
});

test("webhooks work with nothing but their configurations: the operator makes its certificate and makes its CA known", async () => {
  await install(site);
  managers.push(await started(site));
  expect(await ask(site, "marked")).toEqual({ "example.com/marked": "yes" });
  await expect(ask(site, "wrong", { wrong: "yes" })).rejects.toThrow("it says that it is wrong");
  const { "ca.crt": bundle, ...others } = await secretOf(site);
  expect(Object.keys(others).toSorted()).toEqual(["ca.key", "tls.crt", "tls.key"]);
  expect(await bundlesOf(site)).toEqual(["", bundle, bundle]);
});

test("configurations may come later than the operator", async () => {
  managers.push(await started(site));
  await install(site);
  await eventually(async () => expect(await ask(site, "marked")).toEqual({ "example.com/marked": "yes" }));
});

import { expect, test } from "@jest/globals";
import { compareVersions, pluralOf } from "../../../generators/model/index.ts";

test.each([
  ["Memcached", "memcacheds"],
  ["NetworkPolicy", "networkpolicies"],
  ["Gateway", "gateways"],
  ["Ingress", "ingresses"],
  ["Redis", "redis"],
  ["Box", "boxes"],
  ["Quiz", "quizzes"],
  ["Branch", "branches"],
  ["Crash", "crashes"],
  ["Analysis", "analyses"],
  ["Status", "statuses"],
  ["VirtualMachine", "virtualmachines"],
  ["Database", "databases"],
  ["Kafka", "kafkas"],
  ["FrigateCrew", "frigatecrews"],
  ["Child", "children"],
  ["Person", "people"],
  ["Hero", "heroes"],
  ["Photo", "photos"],
  ["Shelf", "shelves"],
  ["Index", "indices"],
  ["Endpoints", "endpoints"],
  ["Metadata", "metadata"],
  ["Sheep", "sheep"],
  ["Series", "series"],
  ["CronTab", "crontabs"],
  ["Mouse", "mice"],
  ["Bus", "buses"],
  ["Proxy", "proxies"],
  ["S3", "s3s"],
])("the plural of %s is %s", (kind, plural) => {
  expect(pluralOf(kind)).toBe(plural);
});

test("versions are in the order of Kubernetes' documentation", () => {
  const ordered = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"];
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
});

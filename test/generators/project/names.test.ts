import { expect, test } from "@jest/globals";
import {
  checkDomain,
  checkGroup,
  checkKind,
  checkOwner,
  checkPlural,
  checkProjectName,
  checkVersion,
  projectNameFrom,
} from "../../../generators/project/index.ts";

const tricks = ["", " ", "..", "../x", "/etc", "a/b", "a\\b", "a b", "a\nb", "a\0b", "$(id)", "{{x}}", "a;b", "ä", "-a", "a-", ".a", "a."];

test.each([
  [
    "domain",
    checkDomain,
    ["example.com", "my.domain", "local", "a-1.b2.io"],
    ["Example.com", "a..b", "a_b", "x".repeat(64), `${"a.".repeat(127)}com`],
  ],
  ["group", checkGroup, ["cache", "fleet-1", "a.b"], ["Cache", "cache_"]],
  ["version", checkVersion, ["v1", "v2", "v10beta2", "v1alpha1"], ["1", "v0", "v1alpha", "v1alpha0", "v1gamma1", "V1", "v1.1", "v01"]],
  [
    "kind",
    checkKind,
    ["Memcached", "FrigateCrew", "HTTPRoute", "S3Bucket"],
    ["memcached", "Frigate-Crew", "1Ship", "Frigate_Crew", "X".repeat(64), "Condition", "Object"],
  ],
  ["plural", checkPlural, ["memcacheds", "frigatecrew", "a1"], ["Memcacheds", "1a", "x".repeat(64)]],
  ["project name", checkProjectName, ["memcached-operator", "a", "a".repeat(47)], ["1st", "A", "a".repeat(48), "a.b"]],
])("a %s is accepted as it is or refused with one line that says what to use instead", (_what, check, good, bad) => {
  for (const name of good) expect(check(name)).toBe(name);
  for (const name of [...bad, ...tricks])
    expect(() => check(name)).toThrow(
      expect.objectContaining({ code: "bad-name", message: expect.stringMatching(/^[^\n]+: (use|choose)[^\n]+\.$/) }),
    );
});

test("a kind in another style is told how it would be written", () => {
  expect(() => checkKind("frigate-crew")).toThrow("such as FrigateCrew.");
  expect(() => checkKind("memcached")).toThrow("such as Memcached.");
  expect(() => checkKind("../../etc")).toThrow("such as Etc.");
});

test("the domains of the Kubernetes project are refused, as API servers refuse their kinds", () => {
  expect(() => checkDomain("ships.k8s.io")).toThrow("belongs to the Kubernetes project");
  expect(() => checkDomain("kubernetes.io")).toThrow("belongs to the Kubernetes project");
  expect(checkDomain("myk8s.io")).toBe("myk8s.io");
});

test("an owner is one line of text", () => {
  expect(checkOwner(" Example Inc. ")).toBe("Example Inc.");
  for (const owner of ["", "  ", "a\nb", "a\u0000b"]) expect(() => checkOwner(owner)).toThrow("is not a line of text");
});

test("a folder's name becomes a project's name as far as that goes", () => {
  expect(projectNameFrom("Memcached Operator")).toBe("memcached-operator");
  expect(projectNameFrom("2024_my.project_")).toBe("my-project");
  expect(projectNameFrom("...")).toBe("");
});

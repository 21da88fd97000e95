import { expect, test } from "@jest/globals";
import { parseLoad } from "../../../generators/image/engine.ts";
import { parsePlatform, platformText } from "../../../generators/image/oci.ts";
import { familiarName, fullName, parseReference } from "../../../generators/image/reference.ts";
import { isLoopback } from "../../../generators/image/registry.ts";

const digest = `sha256:${"0".repeat(64)}`;

test.each([
  ["node", "docker.io/library/node:latest", "node:latest"],
  ["node:24-slim", "docker.io/library/node:24-slim", "node:24-slim"],
  ["team/operator", "docker.io/team/operator:latest", "team/operator:latest"],
  ["index.docker.io/team/operator:1", "docker.io/team/operator:1", "team/operator:1"],
  ["example.com/a/b/c:v1.2_3", "example.com/a/b/c:v1.2_3", "example.com/a/b/c:v1.2_3"],
  ["localhost/operator:1", "localhost/operator:1", "localhost/operator:1"],
  ["localhost:5001/operator", "localhost:5001/operator:latest", "localhost:5001/operator:latest"],
  ["[::1]:5000/operator:1", "[::1]:5000/operator:1", "[::1]:5000/operator:1"],
  [`example.com/a@${digest}`, `example.com/a@${digest}`, `example.com/a@${digest}`],
  [`example.com/a:1@${digest}`, `example.com/a:1@${digest}`, `example.com/a:1@${digest}`],
  ["my--operator__x.y", "docker.io/library/my--operator__x.y:latest", "my--operator__x.y:latest"],
])("the name %s is read as Docker reads it", (text, full, familiar) => {
  const reference = parseReference(text, "--image");
  expect(fullName(reference)).toBe(full);
  expect(familiarName(reference)).toBe(familiar);
});

test.each([
  ["", "its path"],
  ["Operator", "its path"],
  ["example.com/", "its path"],
  ["a..b", "its path"],
  ["a:", "a tag"],
  ["a:-1", "a tag"],
  ["a b:1", "its path"],
  ["a@sha256:12", "after @"],
  ["https://example.com/a", "its path"],
  ["exa$mple.com:1/a", "its registry"],
])("the name %j is refused with what is wrong", (text, why) => {
  expect(() => parseReference(text, "--image")).toThrow(
    new RegExp(`^--image ${text.replaceAll("$", "\\$")} is not a name of an image: ${why}`),
  );
});

test("platforms and targets are read, and what makes no sense is refused", () => {
  expect(platformText(parsePlatform("linux/arm64"))).toBe("linux/arm64");
  expect(platformText(parsePlatform("linux/arm/v7"))).toBe("linux/arm/v7");
  for (const text of ["amd64", "windows/amd64", "linux/", "linux/a/b/c"]) {
    expect(() => parsePlatform(text)).toThrow(`--platform ${text} is not a platform of Linux`);
  }
  expect(parseLoad("docker")).toEqual({ engine: "docker" });
  expect(parseLoad("kind")).toEqual({ engine: "kind", cluster: "kind" });
  expect(parseLoad("kind=dev")).toEqual({ engine: "kind", cluster: "dev" });
  for (const text of ["kind=", "docker=x", "minikube", "kind=a=b"]) expect(() => parseLoad(text)).toThrow("is nothing to load into");
});

test("plain HTTP is for this machine alone", () => {
  expect(["localhost", "localhost:5001", "127.0.0.1:80", "[::1]:5000", "registry.localhost"].every(isLoopback)).toBe(true);
  expect(["example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1:5000"].some(isLoopback)).toBe(false);
});

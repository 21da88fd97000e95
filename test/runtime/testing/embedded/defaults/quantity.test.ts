import { describe, expect, test } from "@jest/globals";
import { builtin } from "./strategies.ts";

const kind = builtin("v1", "LimitRange", true);

/** A quantity as the server stores it. */
function stored(quantity: string | number): unknown {
  const body = {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "a" },
    spec: { limits: [{ type: "Pod", max: { cpu: quantity } }] },
  };
  return kind.decodeValue(body, "Ignore").object;
}

describe("quantities are stored in their canonical form", () => {
  // What kube-apiserver 1.35 made of each.
  test.each([
    ["1000m", "1"],
    ["0.5", "500m"],
    ["1.5", "1500m"],
    [1, "1"],
    [0.1, "100m"],
    ["1024Mi", "1Gi"],
    ["1.5Gi", "1536Mi"],
    ["1000Ki", "1000Ki"],
    ["1000", "1k"],
    ["1000000", "1M"],
    ["1500000", "1500k"],
    ["12e6", "12e6"],
    ["1E3", "1E3"],
    ["0", "0"],
    ["0Mi", "0"],
    ["+5", "+5"],
    ["-5m", "-5m"],
    ["1n", "1m"],
    ["0.0000000001", "1m"],
    ["512", "512"],
    ["0.5Mi", "512Ki"],
    ["0.1Ki", "102400m"],
    ["1Ei", "1Ei"],
    ["010", "010"],
    ["Mi", "0"],
  ])("%j is %j", (given, canonical) => {
    expect(stored(given)).toMatchObject({ spec: { limits: [{ max: { cpu: canonical } }] } });
  });

  test.each(["", "abc", "1.2.3", "1 Gi", "1gi"])("%j is none", (text) => {
    expect(() => stored(text)).toThrow("quantities must match the regular expression");
  });

  test.each(["--1", "1e"])("%j has no suffix", (text) => {
    expect(() => stored(text)).toThrow("unable to parse quantity's suffix");
  });
});

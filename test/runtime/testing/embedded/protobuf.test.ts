import { expect, test } from "@jest/globals";
import { decodeProtobuf } from "../../../../runtime/testing/embedded/protobuf/decode.ts";

/** Writes the wire format, field by field, as the other side of the reader under test. */
function field(number: number, value: Buffer | string | number): Buffer {
  if (typeof value === "number") return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function body(apiVersion: string, kind: string, object: Buffer): Buffer {
  const type = message(field(1, apiVersion), field(2, kind));
  return message(Buffer.from("k8s\0"), field(1, type), field(2, object), field(3, ""), field(4, ""));
}

const entry = (key: string, value: string | Buffer) => message(field(1, key), field(2, value));

test("a Deployment reads as its JSON", () => {
  const time = message(field(1, 1_767_225_600));
  const metadata = message(
    field(1, "web"),
    field(2, ""),
    field(7, 0),
    field(8, time),
    field(11, entry("app", "web")),
    field(11, entry("tier", "front")),
  );
  const port = message(field(1, ""), field(2, 0), field(3, 80), field(4, ""), field(5, ""));
  const limits = entry("cpu", message(field(1, "100m")));
  const container = message(field(1, "main"), field(2, "nginx"), field(6, port), field(8, message(field(1, limits))));
  const template = message(field(1, message(field(11, entry("app", "web")))), field(2, message(field(2, container), field(11, 0))));
  const surge = message(field(1, 1), field(2, 0), field(3, "25%"));
  const unavailable = message(field(1, 0), field(2, 1), field(3, ""));
  const strategy = message(field(1, "RollingUpdate"), field(2, message(field(1, unavailable), field(2, surge))));
  const spec = message(field(1, 0), field(2, message(field(1, entry("app", "web")))), field(3, template), field(4, strategy), field(5, 0));
  expect(decodeProtobuf(body("apps/v1", "Deployment", message(field(1, metadata), field(2, spec))))).toEqual({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", creationTimestamp: "2026-01-01T00:00:00Z", labels: { app: "web", tier: "front" } },
    spec: {
      // A pointer to zero is kept, a plain zero (minReadySeconds, generation, hostNetwork) is not in Go's JSON.
      replicas: 0,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "main", image: "nginx", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "100m" } } }] },
      },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
    },
  });
});

test("inlined messages, bytes and negative numbers read as their JSON", () => {
  const volume = message(field(1, "cache"), field(2, message(field(2, message(field(1, "Memory"))))));
  const pod = message(field(1, message(field(1, "p"))), field(2, message(field(1, volume), field(25, -5))));
  expect(decodeProtobuf(body("v1", "Pod", pod))).toMatchObject({
    spec: { volumes: [{ name: "cache", emptyDir: { medium: "Memory" } }], priority: -5 },
  });
  const secret = message(field(1, message(field(1, "s"))), field(2, entry("key", Buffer.from("value"))));
  expect(decodeProtobuf(body("v1", "Secret", secret))).toMatchObject({ data: { key: Buffer.from("value").toString("base64") } });
});

test("a zero time is no time", () => {
  const metadata = message(field(1, "x"), field(8, Buffer.alloc(0)));
  expect(decodeProtobuf(body("v1", "ConfigMap", message(field(1, metadata))))["metadata"]).toEqual({ name: "x" });
});

test.each([
  ["without the prefix", Buffer.from("{}"), /expected prefix/],
  ["of a kind that does not exist", body("v1", "Nothing", Buffer.alloc(0)), /no kind "Nothing" is registered for version "v1"/],
  ["that ends in the middle", body("v1", "Pod", message(field(1, "x"))).subarray(0, 20), /unable to decode/],
])("a body %s is refused", (_, bytes, reason) => {
  expect(() => decodeProtobuf(bytes)).toThrow(reason);
});

/** One spec with a field for each sort of check that a schema can ask for. */
export const probeSource = `
interface Item { name: string; /** @default 1 */ port?: Int32; value?: string | null }
interface Spec {
  /** @minimum 1
   *  @maximum 5 */
  size?: Int32;
  /** @multipleOf 5 */
  step?: Int64;
  /** @exclusiveMinimum 0
   *  @exclusiveMaximum 10 */
  open?: number;
  /** @minimum 0.5
   *  @maximum 2.5 */
  half?: number;
  flag?: boolean;
  /** @minLength 2
   *  @maxLength 4
   *  @pattern ^[a-z]+$ */
  word?: string;
  mode?: "a" | "b";
  level?: 1 | 2;
  maybe?: "a" | null;
  nothing?: string | null;
  /** @minItems 1
   *  @maxItems 2 */
  list?: string[];
  /** @listType set */
  set?: Int32[];
  /** @listType map
   *  @listMapKey name
   *  @listMapKey port */
  items?: Item[];
  /** @minProperties 1
   *  @maxProperties 2 */
  map?: Record<string, string>;
  objects?: Record<string, Item>;
  gaps?: (string | null)[];
  quantity?: Quantity;
  port?: IntOrString;
  bytes?: Base64;
  time?: DateTime;
  /** @format date */
  date?: string;
  /** @format ipv4 */
  v4?: string;
  /** @format ipv6 */
  v6?: string;
  /** @format uuid */
  uuid?: string;
  nested?: { inner: { value: Int32 } };
  anything?: unknown;
  /** @embeddedResource
   *  @preserveUnknownFields */
  object?: object;
  /** @default 3 */
  three?: Int32;
  /** @default {} */
  filled?: { /** @default "x" */ x?: string; list?: Item[] };
  /** @default 7 */
  sevenOrNull?: Int32 | null;
}`;

/** Specs that meet or break the probe's schema in one way each. */
export const probeValues: readonly unknown[] = [
  {},
  null,
  3,
  { size: 1 },
  { size: 0 },
  { size: 6 },
  { size: 1.5 },
  { size: "1" },
  { size: null },
  { size: [1] },
  { size: { a: 1 } },
  { size: 2 ** 31 },
  { step: 10 },
  { step: 7 },
  { step: 2 ** 53 },
  { open: 0 },
  { open: 0.001 },
  { open: 10 },
  { half: 0.4 },
  { half: 0 },
  { half: 2.6 },
  { half: 3 },
  { half: 2 },
  { flag: "true" },
  { flag: 0 },
  { word: "a" },
  { word: "abcde" },
  { word: "ABCDE" },
  { word: "AB" },
  { word: "é世😀" },
  { word: 3 },
  { mode: "c" },
  { mode: 1 },
  { level: 3 },
  { level: "1" },
  { maybe: null },
  { maybe: "b" },
  { nothing: null },
  { nothing: 1 },
  { list: [] },
  { list: ["a", "b", "c"] },
  { list: [null] },
  { list: ["a", 1] },
  { set: [1, 2, 1] },
  { set: [1, 1, 1] },
  { items: [{ name: "a" }, { name: "a", port: 1 }] },
  { items: [{ name: "a" }, { name: "a", port: 2 }] },
  { items: [{}] },
  { items: [{ name: "a", value: null, port: null }] },
  { map: {} },
  { map: { a: "1", b: "2", c: "3" } },
  { map: { "a.b/c d": 3 } },
  { map: { a: null } },
  { objects: { x: {} } },
  { objects: { x: { name: "a" }, y: { name: 1 } } },
  { gaps: ["a", null, 3] },
  { quantity: "1.5Gi" },
  { quantity: "1.5 Gi" },
  { quantity: 3 },
  { quantity: 1.5 },
  { quantity: true },
  { port: "http" },
  { port: 80 },
  { port: 80.5 },
  { bytes: "" },
  { bytes: "YQ==" },
  { bytes: "YQ" },
  { bytes: "YQ=" },
  { bytes: "%" },
  ...[
    "2020-01-01T00:00:00Z",
    "2020-01-01t00:00:00z",
    "2020-01-01T00:00:00.123456789+02:00",
    "2020-01-01T00:00:00",
    "2020-02-30T00:00:00Z",
    "2020-01-01 00:00:00Z",
    "2020-01-01T24:00:00Z",
    "2020-01-01T00:00:60Z",
    "2021-02-29T00:00:00Z",
    "2020-02-29T00:00:00Z",
    "2020-01-01T00:00:00+0200",
    "2020-01-01T00:00:00,5Z",
    "x",
    "",
  ].map((time) => ({ time })),
  ...["2020-01-01", "2020-13-01", "2021-02-29", "2020-1-1", "20200101"].map((date) => ({ date })),
  ...["10.0.0.1", "10.0.0", "256.0.0.1", "010.0.0.1", "::1", "::ffff:10.0.0.1", ""].map((v4) => ({ v4 })),
  ...["::1", "2001:db8::1", "::ffff:10.0.0.1", "1.2.3.4", "2001:db8::1::2", "g::", "fe80::1%eth0", ""].map((v6) => ({ v6 })),
  ...[
    "00000000-0000-4000-8000-000000000000",
    "00000000000040008000000000000000",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
    "{00000000-0000-4000-8000-000000000000}",
    "x",
  ].map((uuid) => ({ uuid })),
  { nested: {} },
  { nested: { inner: {} } },
  { nested: { inner: null } },
  { nested: { inner: { value: "x" } } },
  { anything: null },
  { anything: [1, { a: null }] },
  { object: {} },
  { object: { apiVersion: "v1", kind: "ConfigMap", data: { a: "b" } } },
  { object: { apiVersion: "v1", metadata: { name: "x" } } },
  { three: null },
  { three: 4 },
  { filled: {} },
  { filled: { x: "y", list: [{ name: "a" }] } },
  { sevenOrNull: null },
  { size: 9, word: "A", list: [] },
];

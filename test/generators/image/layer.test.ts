import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { BlobCache } from "../../../generators/image/blob-cache.ts";
import { layerOf, type ImageFile } from "../../../generators/image/layer.ts";
import { temporaryFolder } from "../temporary.ts";
import { sha256 } from "./samples.ts";

const long = `/${"folder/".repeat(30)}${"n".repeat(120)}.js`;
const files: ImageFile[] = [
  { path: "/app/main.js", content: "// main\n" },
  { path: "/usr/bin/tool", content: Uint8Array.of(0, 1, 255), mode: 0o555 },
  { path: "/tmp", mode: 0o1777 },
  { path: "/home/nonroot", mode: 0o700, owner: 65532 },
  { path: "/app/link.js", link: "main.js" },
  { path: long, content: "far down" },
  { path: "/app/größe-ß.txt", content: "" },
];

test("a layer is the same for the same files, in any order, and never compressed twice", async () => {
  using folder = temporaryFolder();
  const cache = new BlobCache(join(folder.path, "blobs"));
  const layer = await layerOf(files, 1_700_000_000, cache);
  using another = temporaryFolder();
  const again = await layerOf(files.toReversed(), 1_700_000_000, new BlobCache(join(another.path, "blobs")));
  expect([again.descriptor, again.diffId]).toEqual([layer.descriptor, layer.diffId]);

  const bytes = await layer.bytes();
  expect(sha256(bytes)).toBe(layer.descriptor.digest);
  expect(sha256(gunzipSync(bytes))).toBe(layer.diffId);
  // No time, no name, no system in the header of gzip (RFC 1952, 2.3).
  expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

  const kept = join(folder.path, "blobs", layer.descriptor.digest.replace(":", "/"));
  const before = statSync(kept).mtimeMs;
  await layerOf(files, 1_700_000_000, cache);
  expect(statSync(kept).mtimeMs).toBe(before);
  writeFileSync(kept, "damaged");
  expect((await layerOf(files, 1_700_000_000, cache)).descriptor).toEqual(layer.descriptor);
  expect(sha256(readFileSync(kept))).toBe(layer.descriptor.digest);
  expect(readdirSync(join(kept, "..")).filter((name) => name.includes("."))).toEqual([]);
});

test("another reader of tar archives finds what was put in, with folders that lead there, modes, owners and times", async () => {
  using folder = temporaryFolder();
  const layer = await layerOf(files, 1_700_000_000, new BlobCache(folder.path));
  const archive = join(folder.path, "layer.tar.gz");
  writeFileSync(archive, await layer.bytes());
  const script = `
import json, sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    print(json.dumps([[m.name, m.type.decode(), oct(m.mode), m.uid, m.gid, m.uname, m.mtime, m.linkname,
                       tar.extractfile(m).read().hex() if m.isreg() else None] for m in tar]))`;
  const read = JSON.parse(execFileSync("python3", ["-c", script, archive], { encoding: "utf8" })) as unknown[][];
  const at = new Map(read.map((entry) => [entry[0], entry.slice(1)]));
  const time = 1_700_000_000;
  const hex = (text: string): string => Buffer.from(text).toString("hex");
  expect(at.get("app/main.js")).toEqual(["0", "0o444", 0, 0, "", time, "", hex("// main\n")]);
  expect(at.get("usr/bin/tool")).toEqual(["0", "0o555", 0, 0, "", time, "", "0001ff"]);
  expect(at.get("tmp")).toEqual(["5", "0o1777", 0, 0, "", time, "", null]);
  expect(at.get("home/nonroot")).toEqual(["5", "0o700", 65532, 65532, "", time, "", null]);
  expect(at.get("app/link.js")).toEqual(["2", "0o777", 0, 0, "", time, "main.js", null]);
  expect(at.get(long.slice(1))).toEqual(["0", "0o444", 0, 0, "", time, "", hex("far down")]);
  expect(at.get("app/größe-ß.txt")).toEqual(["0", "0o444", 0, 0, "", time, "", ""]);
  expect(at.get("usr/bin")).toEqual(["5", "0o755", 0, 0, "", time, "", null]);
  // Folders before what is in them, each once.
  const names = read.map(([name]) => String(name));
  expect(names).toEqual([...new Set(names)]);
  for (const name of names) {
    const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
    if (parent !== "") expect(names.indexOf(parent)).toBeLessThan(names.indexOf(name));
  }
});

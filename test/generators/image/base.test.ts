import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { packTar } from "modern-tar";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { archiveOf } from "../../../generators/image/archive.ts";
import { baseFromArchive } from "../../../generators/image/archive-base.ts";
import { decompressed } from "../../../generators/image/base.ts";
import { BlobCache } from "../../../generators/image/blob-cache.ts";
import { imageOf } from "../../../generators/image/image.ts";
import { layerOf } from "../../../generators/image/layer.ts";
import { parseReference } from "../../../generators/image/reference.ts";
import { temporaryFolder } from "../temporary.ts";
import { blob, json, sampleImage, sha256, tar, type SampleImage } from "./samples.ts";

const architecture = process.arch === "x64" ? "amd64" : process.arch;
const platform = { os: "linux", architecture };
let folder: ReturnType<typeof temporaryFolder>;
let cache: BlobCache;

beforeEach(() => {
  folder = temporaryFolder();
  cache = new BlobCache(folder.path);
});
afterEach(() => folder[Symbol.dispose]());

const read = (archive: Uint8Array, platforms = [platform]): ReturnType<typeof baseFromArchive> =>
  baseFromArchive(archive, "base.tar", platforms, cache);

async function layout(images: readonly SampleImage[], more: Readonly<Record<string, Uint8Array>> = {}): Promise<Uint8Array> {
  const blobs = images.flatMap(({ packed, config, manifest }) => [packed, config, manifest]);
  const index = json({
    schemaVersion: 2,
    manifests: images.map(({ manifest }) => blob("application/vnd.oci.image.manifest.v1+json", manifest)),
  });
  return tar({
    "oci-layout": '{"imageLayoutVersion":"1.0.0"}',
    "index.json": index,
    ...Object.fromEntries(blobs.map((bytes) => [`blobs/sha256/${sha256(bytes).slice(7)}`, bytes])),
    ...more,
  });
}

/** As `docker save` wrote it before it knew OCI. */
async function saved({ layer, config }: SampleImage): Promise<Uint8Array> {
  return tar({
    "abc/layer.tar": layer,
    "config.json": config,
    "manifest.json": json([{ Config: "config.json", RepoTags: ["node:24"], Layers: ["abc/layer.tar"] }]),
  });
}

const plain = { mediaType: "application/vnd.oci.image.layer.v1.tar", pack: (layer: Uint8Array) => layer };
const zstd = { mediaType: "application/vnd.oci.image.layer.v1.tar+zstd", pack: zstdCompressSync };

test.each([
  ["an OCI layout", {}, layout],
  ["an OCI layout with layers as docker save leaves them", plain, layout],
  ["an OCI layout with layers of zstd", zstd, layout],
  ["what docker save wrote before it knew OCI", {}, (image: readonly SampleImage[]) => Promise.all(image.map(saved)).then(([one]) => one)],
] as const)("a base image is read from %s, compressed or not", async (_, options, write) => {
  const sample = await sampleImage(options);
  const archive = await write([sample]);
  if (!archive) throw new Error("no archive");
  for (const bytes of [archive, gzipSync(archive)]) {
    const { images } = await read(bytes);
    const [image] = images;
    expect(images).toHaveLength(1);
    expect(image).toMatchObject({ platform, node: "/usr/local/bin/node" });
    const [layer] = image?.layers ?? [];
    if (!layer) throw new Error("no layer");
    expect(layer.diffId).toBe(sample.diffId);
    // Nobody wants to pull a layer that is not compressed.
    expect(layer.descriptor.mediaType).toMatch(/\+(gzip|zstd)$/);
    expect(sha256(await layer.bytes())).toBe(layer.descriptor.digest);
    expect(sha256(await decompressed(layer))).toBe(sample.diffId);
  }
});

test("a layer that an old docker save only links to is found", async () => {
  const { layer, config } = await sampleImage();
  const link = (name: string, linkname: string): object => ({ header: { name, size: 0, type: "symlink", linkname } });
  const archive = await packTar([
    ...[...Object.entries({ "abc/layer.tar": layer, "config.json": config })].map(([name, body]) => ({
      header: { name, size: body.length },
      body,
    })),
    link("def/layer.tar", "../abc/layer.tar") as { header: { name: string; size: number } },
    ...[json([{ Config: "config.json", Layers: ["def/layer.tar"] }])].map((body) => ({
      header: { name: "manifest.json", size: body.length },
      body,
    })),
  ]);
  expect((await read(archive)).images).toHaveLength(1);
});

test("our own archives can be a base, for one platform and for two", async () => {
  const other = await sampleImage({ architecture: "s390x", files: { "usr/local/bin/node": "another Node" } });
  const both = await layout([await sampleImage(), other]);
  for (const platforms of [[platform], [platform, { os: "linux", architecture: "s390x" }]]) {
    const base = await baseFromArchive(
      platforms.length === 1 ? await layout([await sampleImage()]) : await twoPlatforms(both),
      "base.tar",
      platforms,
      cache,
    );
    const layer = await layerOf([{ path: "/app/main.js", content: "x" }], 0, cache);
    const image = imageOf({
      base,
      layer,
      command: ["main.js"],
      environment: { NODE_ENV: "production" },
      labels: {},
      folder: "/app",
      user: "1",
      createdBy: "x",
      seconds: 0,
    });
    const archive = await archiveOf(image, parseReference("operator:1", "--image"), architecture);
    const again = await read(archive, platforms);
    expect(again.images.map((one) => one.platform)).toEqual(platforms);
    expect(again.digest).toBe(image.root.descriptor.digest);
    expect(again.images[0]?.layers.map(({ diffId }) => diffId)).toEqual([base.images[0]?.layers[0]?.diffId, layer.diffId]);
    expect(again.images[0]?.config.env).toEqual(["PATH=/usr/local/bin:/usr/bin", "NODE_ENV=production"]);
    expect(again.images[0]?.config.history).toHaveLength(2);
  }
});

/** An index that says which image is for which platform, as it has to. */
async function twoPlatforms(archive: Uint8Array): Promise<Uint8Array> {
  const { unpackTar } = await import("modern-tar");
  const files = Object.fromEntries((await unpackTar(archive)).map(({ header, data }) => [header.name, data ?? new Uint8Array()]));
  const index = JSON.parse(Buffer.from(files["index.json"] ?? []).toString()) as { manifests: object[] };
  const platforms = [platform, { os: "linux", architecture: "s390x" }];
  return tar({ ...files, "index.json": json({ manifests: index.manifests.map((one, at) => ({ ...one, platform: platforms[at] })) }) });
}

test.each([
  ["an entrypoint that is Node", { entrypoint: ["/nodejs/bin/node"], files: { "etc/x": "" } }, "/nodejs/bin/node"],
  ["a Node that no PATH finds, as in distroless", { entrypoint: [], files: { "./nodejs/bin/node": "" } }, "/nodejs/bin/node"],
  ["a Node in the second folder of PATH", { files: { "usr/bin/node": "", "opt/node": "" } }, "/usr/bin/node"],
] as const)("Node is found in an image with %s", async (_, options, node) => {
  expect((await read(await layout([await sampleImage(options)]))).images[0]?.node).toBe(node);
});

test("what is no base image is refused, with what is wrong", async () => {
  const sample = await sampleImage();
  const whole = await layout([sample]);
  const garbled = await layout([sample], { [`blobs/sha256/${sha256(sample.config).slice(7)}`]: json({ os: "linux" }) });
  const torn = await layout([{ ...sample, config: Buffer.from("{}") }]);
  const without = await layout([await sampleImage({ files: { "usr/bin/python": "" } })]);
  const foreign = await layout([await sampleImage({ mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" })]);
  const two = await layout([sample, await sampleImage({ files: { "usr/bin/node": "" } })]);
  await expect(read(Buffer.from("no archive at all"))).rejects.toThrow(
    "base.tar is no archive of an image: it is no tar, or one that is cut off.",
  );
  await expect(read(whole.subarray(0, whole.length / 2))).rejects.toThrow(/no tar, or one that is cut off|is not complete/);
  await expect(read(await tar({ "a.txt": "" }))).rejects.toThrow("it has neither index.json (OCI) nor manifest.json (docker save)");
  await expect(read(garbled)).rejects.toThrow(`The blob ${sha256(sample.config)} of base.tar is damaged`);
  await expect(read(torn)).rejects.toThrow(`base.tar has no blob ${sha256(sample.config)}: it is not complete.`);
  await expect(read(without)).rejects.toThrow("base.tar has no Node in /usr/local/bin:/usr/bin: take a base image that has one");
  await expect(read(foreign)).rejects.toThrow("base.tar has a layer of a kind that is not known");
  await expect(read(two)).rejects.toThrow("base.tar has 2 images: a base is one.");
  await expect(read(whole, [{ os: "linux", architecture: "riscv64" }])).rejects.toThrow("base.tar has no image for linux/riscv64");
  await expect(read(await saved(sample), [{ os: "linux", architecture: "riscv64" }])).rejects.toThrow(
    `base.tar is an image for linux/${architecture} alone`,
  );
  await expect(read(await saved({ ...sample, layer: await tar({ x: "" }) }))).rejects.toThrow(`The layer ${sample.diffId} is damaged`);
});

test("a cache that cannot be written is an error, not a wrong image", async () => {
  writeFileSync(join(folder.path, "file"), "");
  await expect(layerOf([], 0, new BlobCache(join(folder.path, "file")))).rejects.toThrow("ENOTDIR");
});

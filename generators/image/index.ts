/**
 * Images of operators without a container engine: a base image from a registry, an archive, an engine or a Node of this machine, one layer on
 * it, and the result as an archive, in a registry or in an engine. Of the other folders it uses none. Read build.ts first.
 */
export { namesInArchive } from "./archive.ts";
export { cacheFolder } from "./blob-cache.ts";
export { buildImage, readBase } from "./build.ts";
export { load, parseLoad } from "./engine.ts";
export { sizeOf } from "./image.ts";
export { checkLock } from "./lock.ts";
export { parsePlatform, platformText } from "./oci.ts";
export { push } from "./push.ts";
export { familiarName, parseReference } from "./reference.ts";

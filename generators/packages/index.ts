/**
 * Where a new project gets our two packages from: the registry, tarballs that are packed from this checkout, or (for the
 * demo and for tests) links into it. Uses nothing of the other folders. Read source.ts first.
 */
export { buildPackages, packPackages, type PackedPackage } from "./pack.ts";
export { packagesFor, type PackageSource, type Packages } from "./source.ts";

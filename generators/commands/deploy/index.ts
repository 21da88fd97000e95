/**
 * What `scaffold deploy`, `undeploy`, `install` and `uninstall` are made of: the manifests (render.ts, image.ts), applied in order (order.ts, apply.ts),
 * waited for (rollout.ts, workloads.ts), explained when they do not work (diagnosis.ts), and taken away again (remove.ts). Read ../deploy.ts first, which puts them
 * together.
 */
export { applyObjects, type Applied } from "./apply.ts";
export { customResourcesOf, withoutConversion, type CustomResources } from "./custom-resources.ts";
export { diagnose } from "./diagnosis.ts";
export { contentOf, loadIntoKind, namesIn, operatorImage, placeholderImage, withContent, withImage } from "./image.ts";
export { describe, isCrd, keyOf, type Manifest } from "./objects.ts";
export { isAdmission } from "./order.ts";
export { clusterOptions, everything, readClusterOptions, withCluster, type Cluster, type ClusterOptions } from "./options.ts";
export { readObjects } from "./render.ts";
export { removeCustomResources, removeObjects, type RemoveOptions } from "./remove.ts";
export { awaitRollout, RolloutFailure } from "./rollout.ts";
export { isWorkload, type WorkloadState } from "./workloads.ts";

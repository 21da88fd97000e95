/** Where a call says of which kind it is, and what it needs. */
export interface CallNeed {
  /** The argument that is a kind token or an object; "receiver" for calls on what is typed by the kind. */
  readonly kind: number | "receiver";
  readonly verbs: readonly string[];
  /** The argument with a `namespace` and a `name`. */
  readonly key?: number;
  /** The argument with a `namespace` or `namespaces`. */
  readonly options?: number;
  /** The subresource; "called" where the receiver says which (`client.status`, `client.subresource("eviction")`). */
  readonly subresource?: string;
  /** Only for a receiver or argument that has this method. */
  readonly onlyWith?: { readonly argument: number; readonly method: string };
}

const watched = ["list", "watch"];
/** An apply creates what is absent, and reads what others changed at the same moment. */
const applied = ["create", "get", "patch"];
/** Finalizers are written by a merge patch, after a conflict on a fresh read. */
const finalized = ["get", "patch"];

/** What each call of the runtime needs, by `Type.method` or function. Verbs as in RBAC. */
export const callNeeds: ReadonlyMap<string, CallNeed> = new Map<string, CallNeed>([
  ["Client.get", { kind: 0, key: 1, verbs: ["get"] }],
  ["Client.list", { kind: 0, options: 1, verbs: ["list"] }],
  ["Client.listPages", { kind: 0, options: 1, verbs: ["list"] }],
  ["Client.watch", { kind: 0, options: 1, verbs: ["watch"] }],
  ["Client.create", { kind: 0, key: 0, verbs: ["create"] }],
  ["Client.update", { kind: 0, key: 0, verbs: ["update"] }],
  ["Client.patch", { kind: 0, key: 1, verbs: ["patch"] }],
  ["Client.apply", { kind: 0, key: 0, verbs: applied }],
  ["Client.delete", { kind: 0, key: 1, verbs: ["delete"] }],
  ["Client.deleteAll", { kind: 0, options: 1, verbs: ["deletecollection"] }],
  ["SubresourceClient.get", { kind: 0, key: 1, verbs: ["get"], subresource: "called" }],
  ["SubresourceClient.create", { kind: 0, key: 1, verbs: ["create"], subresource: "called" }],
  ["SubresourceClient.update", { kind: 0, key: 1, verbs: ["update"], subresource: "called" }],
  ["SubresourceClient.patch", { kind: 0, key: 1, verbs: ["patch"], subresource: "called" }],
  ["SubresourceClient.apply", { kind: 0, key: 1, verbs: ["patch"], subresource: "called" }],
  ["ScaleClient.get", { kind: 0, key: 1, verbs: ["get"], subresource: "scale" }],
  ["ScaleClient.set", { kind: 0, key: 1, verbs: ["patch"], subresource: "scale" }],
  ["StatusWriter.apply", { kind: "receiver", verbs: ["patch"], subresource: "status" }],
  ["References.track", { kind: 1, verbs: watched }],
  ["Manager.controller", { kind: 0, options: 1, verbs: watched }],
  ["Manager.cache", { kind: 0, options: 1, verbs: watched }],
  ["Manager.acquireCache", { kind: 0, options: 1, verbs: watched }],
  ["ControllerBuilder.owns", { kind: 0, options: 1, verbs: watched }],
  ["ControllerBuilder.watches", { kind: 0, options: 2, verbs: watched }],
  ["ControllerBuilder.reconcileWith", { kind: "receiver", verbs: finalized, onlyWith: { argument: 0, method: "finalize" } }],
  ["createOrUpdate", { kind: 1, key: 1, verbs: ["create", "get", "update"] }],
  ["addFinalizer", { kind: 1, key: 1, verbs: finalized }],
  ["removeFinalizer", { kind: 1, key: 1, verbs: finalized }],
  // A dependent may block its owner's deletion only for those who may write the owner's finalizers (OwnerReferencesPermissionEnforcement).
  ["controllerReference", { kind: 0, verbs: ["update"], subresource: "finalizers" }],
]);

/** Calls that write events, whatever they are about. */
export const eventCalls: ReadonlySet<string> = new Set(["EventRecorder.normal", "EventRecorder.warning"]);

/** Types of which one is the other with more to it. */
export const sameCalls: ReadonlyMap<string, string> = new Map([["ApiClient", "Client"]]);

/** Verbs that can be granted for single objects; the others are about a collection, or about what has no name yet. */
export const nameable: ReadonlySet<string> = new Set(["get", "update", "patch", "delete"]);

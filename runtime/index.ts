/**
 * `@kubescaffold/runtime`: what an operator imports. The README beside this file explains the model in the order in which data flows.
 */
export { Manager, managerOptions, parseFlags, UsageError, jsonLogger, LeadershipLostError } from "./manager/index.ts";
export type {
  Flag,
  FlagDefaults,
  FlagValues,
  HealthCheck,
  HealthProbeSettings,
  LeaderElectionSettings,
  LogLevel,
  ManagerOptions,
  MetricsSettings,
  OperatorOptions,
  Runnable,
  TracingApi,
  TracingSpan,
  WebhookSettings,
} from "./manager/index.ts";
export {
  and, annotationsChanged, byType, Channel, ChannelError, done, enqueueByAnnotation, enqueueByLabel, exceptOwnStatus, generationChanged,
  labelsChanged, not, or, requeueAfter, resourceVersionChanged, TemporaryError, TerminalError, WiringError,
} from "./controller/index.ts"; // prettier-ignore
export type {
  AnyReconciler, Controller, ControllerBuilder, EventOptions, EventRecorder, ForSettings, MapFunction, OwnsSettings, Predicate, ReconcileContext,
  Reconciler, ReconcileSettings, References, RequestReconciler, Result, SelectedWatchSettings, StatusInput, StatusOf, StatusWriter, TickContext, TickSettings,
  TypePredicates, WatchSettings,
} from "./controller/index.ts"; // prettier-ignore
export { UnresolvedReferenceError } from "./cache/index.ts";
export type {
  AcquireSettings, CacheLease, CacheSettings, IndexFunction, InformerEvent, InformerHandler, ReferenceFailure, ReferencesSettings,
} from "./cache/index.ts"; // prettier-ignore
export {
  addFinalizer, ApiError, ClientError, connect, ConnectionError, createOrUpdate, FencedError, InvalidResponseError, KubeconfigError,
  NoKindMatchError, ReadOnlyError, removeFinalizer, hasStatusCause,
  isAlreadyExists, isBadRequest, isConflict, isConnectionError, isExpired, isForbidden, isInternalError, isInvalid, isMethodNotSupported,
  isNoKindMatch, isNotFound, isRequestEntityTooLarge, isServiceUnavailable, isTimeout, isTooManyRequests, isUnauthorized,
} from "./client/index.ts"; // prettier-ignore
export type {
  AccessRule, ApplyOptions, Client, ClientErrorCode, Connection, CreatedOrUpdated, DeleteAllOptions, DeleteOptions, KubeconfigOptions, ListOptions,
  ListPagesOptions, PatchType, ReadOptions, Scale, ScaleClient, ScaleOptions, Status, StatusCause, SubresourceClient, TransportOptions, WatchEvent,
  WatchOptions, WriteOptions,
} from "./client/index.ts"; // prettier-ignore
export {
  addQuantities, compareQuantities, controllerOf, controllerReference, findCondition, formatFields, formatSelector, formatTime, hasFinalizer,
  hashedName, isBeingDeleted, isConditionTrue, isControlledBy, keyOf, keyString, matchFields, matchLabels, metadataOnly, milliseconds,
  ownerReference, parseQuantity, sameQuantity, setCondition, silentLogger, systemClock, unstructured,
} from "./object/index.ts"; // prettier-ignore
export type {
  Clock, ConditionInput, Data, DurationLike, FieldMatcher, KindToken, KubernetesObject, LabelMatcher, LabelSelector, LabelSelectorLike, Logger, LogFields, MetadataKind,
  MetadataObject, ObjectKey, ObjectOf, Timer, UnstructuredKind, UnstructuredObject,
} from "./object/index.ts"; // prettier-ignore
export {
  allowed,
  certificateAuthority,
  certificateFiles,
  ConversionError,
  denied,
  errored,
  fieldError,
  invalid,
  migrateStoredVersions,
  patched,
  servingCertificate,
  StorageMigrationError,
  WebhookServer,
} from "./webhook/index.ts";
export type {
  AdmissionHandler, AdmissionRequest, AdmissionResponse, AuthenticatedUser, Authentication, CertificateFilesOptions, CertificateLifetimes, CertificateOptions, CertificateSource,
  Converted, Converter, Defaulter, DenialOptions, FieldError, FieldErrorType, GroupVersionKind, GroupVersionResource, KeyPair, MutatingWebhookOptions,
  Operation, PatchOperation, ServingOptions, ServingPair, SigningRequestOptions, Spoke, StopOptions, StorageMigrationOptions, StorageMigrationProgress, TokenAuthenticator,
  TokenRequest, UserInfo, Validator, Verdict, WebhookBuilder,
  WebhookMatchCondition, WebhookOptions, WebhookPaths, WebhookServerOptions,
} from "./webhook/index.ts"; // prettier-ignore

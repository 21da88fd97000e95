// Derived from frigate.types.ts by `scaffold generate`: change the types, not this file.

/** One way in which an object breaks its schema. */
export interface Violation {
  /** As the API server names it: `spec.servers[0].port`. */
  readonly field: string;
  /** The same as a JSON pointer: `/spec/servers/0/port`. */
  readonly instancePath: string;
  /** The word of the schema that is broken: `maximum`. */
  readonly keyword: string;
  readonly message: string;
}

type Path = readonly (string | number)[];
type Fields = Record<string, unknown>;
type Check = (value: unknown, at: Path, errors: Violation[]) => void;

/** All ways in which an object breaks the schema of Frigate; none when it is right. CEL rules are the API server's to check. */
export function findViolations(object: unknown): Violation[] {
  const errors: Violation[] = [];
  checkFrigate(object, [], errors);
  return errors;
}

/** Fills in the defaults of Frigate, in the object itself. */
export function applyDefaults(object: unknown): void {
  completeFrigate(object);
}

const ipv4Format = /^(?:(?:(?:0{1,4}:){5}|::)[fF]{4}:)?0*(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.0*(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
const specFlagsItemPattern = /^[a-z0-9](?:[\-a-z0-9]*[a-z0-9])?$/u;
const specStoresValuePattern = /^(?:\+|-)?(?:(?:[0-9]+(?:\.[0-9]*)?)|(?:\.[0-9]+))(?:(?:[KMGTPE]i)|[numkMGTPE]|(?:[eE](?:\+|-)?(?:(?:[0-9]+(?:\.[0-9]*)?)|(?:\.[0-9]+))))?$/u;
const dateTimeFormat = /^(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-4]):(?:[0-5]\d|60))$/;
const byteFormat = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const specMoodPattern = /^(?:good|bad)$/u;
const statusConditionsItemTypePattern = /^(?:[a-z0-9](?:[\-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[\-a-z0-9]*[a-z0-9])?)*\/)?(?:(?:[A-Za-z0-9][\-A-Za-z0-9_.]*)?[A-Za-z0-9])$/u;
const statusConditionsItemReasonPattern = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/u;

function checkFrigate(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "spec", at, errors, checkSpec);
  optional(value, "status", at, errors, checkStatus);
}

function checkSpec(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "crew", at, errors, checkSpecCrew);
  optional(value, "tonnage", at, errors, checkSpecTonnage);
  optional(value, "colour", at, errors, checkSpecColour);
  optional(value, "sails", at, errors, checkSpecSails);
  optional(value, "on", at, errors, expectBoolean);
  required(value, "address", at, errors, checkSpecAddress);
  optional(value, "ports", at, errors, checkSpecPorts);
  optional(value, "flags", at, errors, checkSpecFlags);
  optional(value, "berths", at, errors, checkSpecBerths);
  optional(value, "stores", at, errors, checkSpecStores);
  optional(value, "memory", at, errors, checkSpecStoresValue);
  optional(value, "target", at, errors, checkSpecTarget);
  optional(value, "watch", at, errors, expectText);
  optional(value, "launched", at, errors, checkSpecLaunched);
  optional(value, "key", at, errors, checkSpecKey);
  optional(value, "keel", at, errors, expectText);
  optional(value, "captain", at, errors, checkSpecCaptain);
  optional(value, "log", at, errors, checkSpecLog);
  optional(value, "position", at, errors, checkSpecPosition);
  optional(value, "level", at, errors, checkSpecLevel);
  optional(value, "mood", at, errors, checkSpecMood);
  optional(value, "options", at, errors, checkSpecOptions);
  optional(value, "object", at, errors, checkSpecObject);
  optional(value, "odd.name/with-more", at, errors, expectText);
}

function checkSpecCrew(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value < 1) invalid(value, "minimum", "should be greater than or equal to 1", at, errors);
    if (value > 400) invalid(value, "maximum", "should be less than or equal to 400", at, errors);
  }
}

function checkSpecTonnage(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value % 10 !== 0) invalid(value, "multipleOf", "should be a multiple of 10", at, errors);
    if (value <= 0) invalid(value, "minimum", "should be greater than 0", at, errors);
  }
}

function checkSpecColour(value: unknown, at: Path, errors: Violation[]): void {
  oneOf(value, ["green", "off", "red", "yes"], at, errors);
  expectText(value, at, errors);
}

function checkSpecSails(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkSpecSailsItem);
}

function checkSpecSailsItem(value: unknown, at: Path, errors: Violation[]): void {
  oneOf(value, ["main", "jib"], at, errors);
  expectText(value, at, errors);
}

function checkSpecAddress(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (!ipv4Format.test(value)) invalid(value, "format", `must be of type ipv4: ${JSON.stringify(value)}`, at, errors);
}

function checkSpecPorts(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkSpecPortsItem);
}

function checkSpecPortsItem(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value < 1) invalid(value, "minimum", "should be greater than or equal to 1", at, errors);
    if (value > 65535) invalid(value, "maximum", "should be less than or equal to 65535", at, errors);
  }
}

function checkSpecFlags(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  if (value.length > 4) report(errors, at, "maxItems", `Too many: ${String(value.length)}: must have at most 4 items`);
  items(value, at, errors, checkSpecFlagsItem);
  unique(value, at, errors, (item) => item);
}

function checkSpecFlagsItem(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 63) report(errors, at, "maxLength", "Too long: may not be more than 63 bytes");
  else if (lengthOf(value) < 1) invalid(value, "minLength", "should be at least 1 chars long", at, errors);
  else if (!specFlagsItemPattern.test(value)) invalid(value, "pattern", "should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'", at, errors);
}

function checkSpecBerths(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkSpecBerthsItem);
  uniqueBy(value, at, errors, (item) => ({ "harbour": item["harbour"], "pier": item["pier"] ?? 1 }));
}

function checkSpecBerthsItem(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "harbour", at, errors, checkSpecFlagsItem);
  optional(value, "pier", at, errors, expectInteger);
  optional(value, "remark", at, errors, expectText);
}

function checkSpecStores(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  const count = Object.values(value).filter((each) => !isAbsent(each)).length;
  if (count < 1) invalid(count, "minProperties", "should have at least 1 properties", at, errors);
  if (count > 3) report(errors, at, "maxProperties", `Too many: ${String(count)}: must have at most 3 items`);
  values(value, at, errors, checkSpecStoresValue);
}

function checkSpecStoresValue(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectIntegerOrText(value, at, errors)) return;
  if (typeof value === "string") {
    if (!specStoresValuePattern.test(value)) invalid(value, "pattern", "should match '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'", at, errors);
  }
}

function checkSpecTarget(value: unknown, at: Path, errors: Violation[]): void {
  expectIntegerOrText(value, at, errors);
}

function checkSpecLaunched(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (!dateTimeFormat.test(value)) invalid(value, "format", `must be of type date-time: ${JSON.stringify(value)}`, at, errors);
}

function checkSpecKey(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (!byteFormat.test(value)) invalid(value, "format", `must be of type byte: ${JSON.stringify(value)}`, at, errors);
}

function checkSpecCaptain(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "name", at, errors, checkSpecFlagsItem);
  required(value, "value", at, errors, expectText);
}

function checkSpecLog(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "name", at, errors, checkSpecFlagsItem);
  optional(value, "value", at, errors, checkSpecLogValue);
}

function checkSpecLogValue(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "name", at, errors, checkSpecFlagsItem);
  required(value, "value", at, errors, expectInteger);
}

function checkSpecPosition(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  if (value.length < 2) invalid(value.length, "minItems", "should have at least 2 items", at, errors);
  if (value.length > 2) report(errors, at, "maxItems", `Too many: ${String(value.length)}: must have at most 2 items`);
  items(value, at, errors, expectNumber);
}

function checkSpecLevel(value: unknown, at: Path, errors: Violation[]): void {
  oneOf(value, [1, 2, 3], at, errors);
  expectInteger(value, at, errors);
}

function checkSpecMood(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (!specMoodPattern.test(value)) invalid(value, "pattern", "should match '^(?:good|bad)$'", at, errors);
}

function checkSpecOptions(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "verbose", at, errors, expectBoolean);
}

function checkSpecObject(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "apiVersion", at, errors, expectText);
  required(value, "kind", at, errors, expectText);
  optional(value, "metadata", at, errors, checkSpecObjectMetadata);
}

function checkSpecObjectMetadata(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "name", at, errors, expectText);
  optional(value, "generateName", at, errors, expectText);
  optional(value, "namespace", at, errors, expectText);
  optional(value, "uid", at, errors, expectText);
  optional(value, "resourceVersion", at, errors, expectText);
  optional(value, "generation", at, errors, expectNumber);
  optional(value, "creationTimestamp", at, errors, expectText);
  optional(value, "deletionTimestamp", at, errors, expectText);
  optional(value, "deletionGracePeriodSeconds", at, errors, expectNumber);
  optional(value, "labels", at, errors, checkSpecObjectMetadataLabels);
  optional(value, "annotations", at, errors, checkSpecObjectMetadataLabels);
  optional(value, "finalizers", at, errors, checkSpecObjectMetadataFinalizers);
  optional(value, "ownerReferences", at, errors, checkSpecObjectMetadataOwnerReferences);
  optional(value, "managedFields", at, errors, checkSpecObjectMetadataManagedFields);
  optional(value, "selfLink", at, errors, expectText);
}

function checkSpecObjectMetadataLabels(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  values(value, at, errors, expectText);
}

function checkSpecObjectMetadataFinalizers(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, expectText);
}

function checkSpecObjectMetadataOwnerReferences(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkSpecObjectMetadataOwnerReferencesItem);
}

function checkSpecObjectMetadataOwnerReferencesItem(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "apiVersion", at, errors, expectText);
  required(value, "kind", at, errors, expectText);
  required(value, "name", at, errors, expectText);
  required(value, "uid", at, errors, expectText);
  optional(value, "controller", at, errors, expectBoolean);
  optional(value, "blockOwnerDeletion", at, errors, expectBoolean);
}

function checkSpecObjectMetadataManagedFields(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkSpecObjectMetadataManagedFieldsItem);
}

function checkSpecObjectMetadataManagedFieldsItem(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "manager", at, errors, expectText);
  optional(value, "operation", at, errors, expectText);
  optional(value, "apiVersion", at, errors, expectText);
  optional(value, "time", at, errors, expectText);
  optional(value, "fieldsType", at, errors, expectText);
  optional(value, "subresource", at, errors, expectText);
}

function checkStatus(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "crew", at, errors, expectInteger);
  optional(value, "selector", at, errors, expectText);
  optional(value, "conditions", at, errors, checkStatusConditions);
}

function checkStatusConditions(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkStatusConditionsItem);
  uniqueBy(value, at, errors, (item) => ({ "type": item["type"] }));
}

function checkStatusConditionsItem(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "type", at, errors, checkStatusConditionsItemType);
  required(value, "status", at, errors, checkStatusConditionsItemStatus);
  optional(value, "observedGeneration", at, errors, checkStatusConditionsItemObservedGeneration);
  required(value, "lastTransitionTime", at, errors, checkSpecLaunched);
  required(value, "reason", at, errors, checkStatusConditionsItemReason);
  required(value, "message", at, errors, checkStatusConditionsItemMessage);
}

function checkStatusConditionsItemType(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 316) report(errors, at, "maxLength", "Too long: may not be more than 316 bytes");
  else if (!statusConditionsItemTypePattern.test(value)) invalid(value, "pattern", "should match '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$'", at, errors);
}

function checkStatusConditionsItemStatus(value: unknown, at: Path, errors: Violation[]): void {
  oneOf(value, ["True", "False", "Unknown"], at, errors);
  expectText(value, at, errors);
}

function checkStatusConditionsItemObservedGeneration(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value < 0) invalid(value, "minimum", "should be greater than or equal to 0", at, errors);
  }
}

function checkStatusConditionsItemReason(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 1024) report(errors, at, "maxLength", "Too long: may not be more than 1024 bytes");
  else if (lengthOf(value) < 1) invalid(value, "minLength", "should be at least 1 chars long", at, errors);
  else if (!statusConditionsItemReasonPattern.test(value)) invalid(value, "pattern", "should match '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'", at, errors);
}

function checkStatusConditionsItemMessage(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 32768) report(errors, at, "maxLength", "Too long: may not be more than 32768 bytes");
}

function completeFrigate(value: unknown): void {
  if (!isObject(value)) return;
  completeSpec(value["spec"]);
}

function completeSpec(value: unknown): void {
  if (!isObject(value)) return;
  if (isAbsent(value["crew"])) value["crew"] = 12;
  if (isAbsent(value["colour"])) value["colour"] = "green";
  completeSpecBerths(value["berths"]);
  if (isAbsent(value["target"])) value["target"] = 80;
}

function completeSpecBerths(value: unknown): void {
  if (isList(value)) value.forEach(completeSpecBerthsItem);
}

function completeSpecBerthsItem(value: unknown): void {
  if (!isObject(value)) return;
  if (isAbsent(value["pier"])) value["pier"] = 1;
}

/** Null counts as absent, as the API server drops it. */
function required(parent: Fields, name: string, at: Path, errors: Violation[], check?: Check): void {
  const value = parent[name];
  if (value === undefined || value === null) report(errors, [...at, name], "required", "Required value");
  else check?.(value, [...at, name], errors);
}

function optional(parent: Fields, name: string, at: Path, errors: Violation[], check: Check): void {
  const value = parent[name];
  if (value !== undefined && value !== null) check(value, [...at, name], errors);
}

function items(list: readonly unknown[], at: Path, errors: Violation[], check: Check): void {
  list.forEach((item, index) => {
    check(item, [...at, index], errors);
  });
}

function values(map: Fields, at: Path, errors: Violation[], check: Check): void {
  for (const key of Object.keys(map)) optional(map, key, at, errors, check);
}

/** Items of a list with keys are the same when their keys are. That an item is no object is said by its type. */
function uniqueBy(list: readonly unknown[], at: Path, errors: Violation[], keys: (item: Fields) => unknown): void {
  if (list.every((item) => isObject(item))) unique(list, at, errors, (item) => (isObject(item) ? keys(item) : item));
}

/** Two items with the same identity are one too many; the API server reports the second only. */
function unique(list: readonly unknown[], at: Path, errors: Violation[], identity: (item: unknown) => unknown): void {
  const seen = new Map<string, number>();
  list.forEach((item, index) => {
    const key = JSON.stringify(identity(item));
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count === 2) report(errors, [...at, index], "unique", `Duplicate value: ${key}`);
  });
}

/** That a list or an object is not allowed is said by its type alone. */
function oneOf(value: unknown, allowed: readonly unknown[], at: Path, errors: Violation[]): void {
  if (allowed.includes(value) || typeof value === "object") return;
  const supported = allowed.map((each) => JSON.stringify(String(each))).join(", ");
  report(errors, at, "enum", `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`);
}

function expectText(value: unknown, at: Path, errors: Violation[]): value is string {
  if (typeof value === "string") return true;
  wrongType(value, "string", at, errors);
  return false;
}

function expectInteger(value: unknown, at: Path, errors: Violation[]): value is number {
  if (isInteger(value)) return true;
  wrongType(value, "integer", at, errors);
  return false;
}

function expectNumber(value: unknown, at: Path, errors: Violation[]): value is number {
  if (typeof value === "number") return true;
  wrongType(value, "number", at, errors);
  return false;
}

function expectBoolean(value: unknown, at: Path, errors: Violation[]): value is boolean {
  if (typeof value === "boolean") return true;
  wrongType(value, "boolean", at, errors);
  return false;
}

function expectIntegerOrText(value: unknown, at: Path, errors: Violation[]): value is number | string {
  if (typeof value === "string" || isInteger(value)) return true;
  wrongType(value, "integer,string", at, errors);
  return false;
}

function expectList(value: unknown, at: Path, errors: Violation[]): value is readonly unknown[] {
  if (isList(value)) return true;
  wrongType(value, "array", at, errors);
  return false;
}

function expectObject(value: unknown, at: Path, errors: Violation[]): value is Fields {
  if (isObject(value)) return true;
  wrongType(value, "object", at, errors);
  return false;
}

function wrongType(value: unknown, type: string, at: Path, errors: Violation[]): void {
  const actual = typeName(value);
  report(errors, at, "type", `Invalid value: "${actual}": ${fieldOf(at)} in body must be of type ${type}: "${actual}"`);
}

function invalid(value: unknown, keyword: string, reason: string, at: Path, errors: Violation[]): void {
  report(errors, at, keyword, `Invalid value: ${JSON.stringify(value)}: ${fieldOf(at)} in body ${reason}`);
}

function report(errors: Violation[], at: Path, keyword: string, reason: string): void {
  const field = fieldOf(at);
  const instancePath = at.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  errors.push({ field, instancePath, keyword, message: `${field === "" ? "<nil>" : field}: ${reason}` });
}

function fieldOf(at: Path): string {
  return at.map((step, index) => (typeof step === "number" ? `[${String(step)}]` : index === 0 ? step : `.${step}`)).join("");
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return isInteger(value) ? "integer" : typeof value;
}

/** Characters, as the API server counts them, not units of UTF-16. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** What Go reads as an int64. */
function isInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Null counts as absent, as the API server drops it. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

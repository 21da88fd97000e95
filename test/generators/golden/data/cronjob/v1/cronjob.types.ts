import type { Base64, CustomResource, DateTime, Int32, Int64, IntOrString } from "@kubescaffold/runtime/api";
import type { IObjectReference } from "kubernetes-models/v1/ObjectReference";
import type { IJobTemplateSpec } from "kubernetes-models/batch/v1/JobTemplateSpec";

/** @type integer */
type Integer = number;

interface Pair {
  foo: string;
  bar: boolean;
}

interface Wrapped {
  nested: Pair;
}

/** @mapType atomic */
type AtomicPair = Pair;

interface Keyed {
  name: string;
  secondary: Integer;
  foo: string;
}

/** @listType map
 *  @listMapKey name
 *  @listMapKey secondary */
type KeyedList = Keyed[];

/** @mapType granular */
type GranularBytes = Record<string, Base64>;

/** @minLength 4 */
type LongText = string;

/** @title title on type */
type Titled = string;

/** @minLength 1
 *  @maxLength 255 */
type ShortText = string;

/** @validation rule="self.size() % 2 == 0" message="must have even length" */
type EvenText = string;

/** @minLength 1
 *  @maxLength 255
 *  @pattern ^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ */
type Host = string;

/** @minItems 1
 *  @listType set */
type Hosts = Host[];

type Policy = "Allow" | "Forbid" | "Replace";

/** @preserveUnknownFields */
type Anything = object;

/** @minLength 1
 *  @maxLength 10
 *  @pattern ^((100|[0-9]{1,2})%|[0-9]+)$ */
type ShortShare = IntOrString;

/** @intOrString
 *  @minLength 1
 *  @maxLength 3 */
type ShortChoice = 1 | 2 | "foo" | "bar";

interface WithDefault {
  /** @default forty-two */
  foo?: string;
  bar?: string;
}

interface Inlined {
  foo: string;
  baz: string;
  fromEmbedded?: string;
  fromPointer?: string;
}

/** @validation rule="has(oldSelf.forbiddenInt) || !has(self.forbiddenInt)" message="forbiddenInt is not allowed" fieldPath=".forbiddenInt" reason="FieldValueForbidden" */
interface CronJobSpec extends Inlined {
  schedule: string;
  startingDeadlineSeconds?: Int64;
  concurrencyPolicy?: Policy;
  k8sConcurrencyPolicy?: Policy;
  suspend?: boolean;
  /** @type string */
  noReallySuspend?: boolean;
  binaryName: Base64;
  canBeNull: string | null;
  jobTemplate: IJobTemplateSpec;
  successfulJobsHistoryLimit?: Int32;
  failedJobsHistoryLimit?: Int32;
  byteSliceData?: Record<string, Base64>;
  stringSliceData?: Record<string, string[]>;
  ptrData?: Record<string, string>;
  /** @minLength 4 */
  twoOfAKindPart0: string;
  twoOfAKindPart1: LongText;

  /** @title DefaultedString
   *  @default forty-two
   *  @example forty-two */
  defaultedString: string;
  /** @title DefaultedSlice
   *  @default ["a", "b"]
   *  @example ["a", "b"] */
  defaultedSlice: string[];
  /** @title 124
   *  @default [{ nested: { foo: "baz", bar: true } }, { nested: { foo: "qux", bar: false } }]
   *  @example [{ nested: { foo: "baz", bar: true } }, { nested: { foo: "qux", bar: false } }] */
  defaultedObject: Wrapped[];
  /** @title {}
   *  @default [] */
  defaultedEmptySlice: string[];
  /** @default {} */
  defaultedEmptyMap: Record<string, string>;
  /** @default {} */
  defaultedEmptyObject: WithDefault;
  /** @default kubebuilder-default */
  doubleDefaultedString: string;
  /** @default forty-two */
  kubernetesDefaultedString: string;
  /** @default ["a", "b"] */
  kubernetesDefaultedSlice: string[];
  /** @default [{ nested: { foo: "baz", bar: true } }, { nested: { foo: "qux", bar: false } }] */
  kubernetesDefaultedObject: Wrapped[];
  /** @default [] */
  kubernetesDefaultedEmptySlice: string[];
  /** @default {} */
  kubernetesDefaultedEmptyMap: Record<string, string>;
  /** @default {} */
  kubernetesDefaultedEmptyObject: WithDefault;
  kubernetesDefaultedRef?: string;

  /** @pattern ^$|^((https):\/\/?)[^\s()<>]+(?:\([\w\d]+\)|([^[:punct:]\s]|\/?))$ */
  patternObject: string;
  /** @embeddedResource */
  embeddedResource: object;
  /** @preserveUnknownFields */
  unprunedJSON: Pair;
  /** @embeddedResource
   *  @preserveUnknownFields */
  unprunedEmbeddedResource: object;
  unprunedFomType: Anything;
  /** @preserveUnknownFields */
  unprunedFomTypeAndField: Anything;

  /** @listType map
   *  @listMapKey name
   *  @listMapKey secondary */
  associativeList: Keyed[];
  // +k8s:listType=map
  // +k8s:listMapKey=name
  k8sAssociativeList: Keyed[];
  // +k8s:listType=set
  k8sSetList?: string[];
  // +k8s:listType=atomic
  k8sAtomicList?: string[];
  nestedassociativeList: KeyedList;
  k8sNestedAssociativeList: KeyedList;
  /** @mapType granular */
  mapOfInfo: Record<string, Base64>;
  nestedMapOfInfo: GranularBytes;
  /** @mapType atomic */
  structWithSeveralFields: Pair;
  nestedStructWithSeveralFields: AtomicPair;
  /** @mapType atomic */
  nestedStructWithSeveralFieldsDoubleMarked: AtomicPair;
  justNestedObject?: Pair;

  explicitlyOptionalKubebuilder?: string;
  explicitlyOptionalKubernetes?: string;
  // +k8s:optional
  explicitlyOptionalK8s?: string;
  explicitlyRequiredKubebuilder: string;
  explicitlyRequiredKubernetes: string;
  // +k8s:required
  explicitlyRequiredK8s: string;

  /** @minProperties 1
   *  @maxProperties 2 */
  minMaxProperties?: { foo?: string; bar?: string; baz?: string };
  schemaless?: string;
  /** @minLength 2
   *  @maxLength 11
   *  @pattern ^((100|[0-9]{1,2})%|[0-9]+)$ */
  intOrStringWithAPattern?: IntOrString;
  /** @intOrString */
  intOrStringWithEnum?: 1 | 2 | "foo" | "bar";
  nestedMap?: Record<string, Record<string, string>>;
  nestedNestedMap?: Record<string, Record<string, Record<string, string>>>;
  nestedMapInStruct?: Record<string, { innerMap?: Record<string, string> }>;
  mapOfArraysOfFloats?: Record<string, boolean[]>;
  mapOfTextMarshalerKeys?: Record<string, string>;

  /** @minimum -0.5
   *  @maximum 1.5
   *  @schema { multipleOf: 0.5 } */
  floatWithValidations: number;
  /** @minimum -0.5
   *  @maximum 1.5
   *  @schema { multipleOf: 0.5 } */
  float64WithValidations: number;
  /** @minimum -2
   *  @maximum 2
   *  @multipleOf 2 */
  intWithValidations: Integer;
  /** @minimum -2
   *  @maximum 2
   *  @multipleOf 2 */
  int32WithValidations: Int32;

  /** @validation rule="self.size() % 2 == 0" message="must have even length"
   *  @validation rule="true" */
  stringWithEvenLength?: string;
  /** @validation rule="self.size() % 2 == 0" messageExpression="self + ' has odd length, must be even'" */
  stringWithEvenLengthAndMessageExpression?: string;
  /** @validation rule="self.startsWith('good-')" message="must have good prefix" */
  stringWithEvenLengthAndGoodPrefix?: EvenText;
  forbiddenInt?: Integer;
  array?: Integer[];
  arrayUsingCompositeLiteral?: string[];
  /** @minItems 1
   *  @listType set */
  hosts?: Host[];
  enumSlice?: (0 | 1 | 3)[];
  hostsAlias?: Hosts;
  aliasFromPackage?: string;
  stringAlias?: string;
  stringAliasPtr?: string;
  /** @minLength 1
   *  @maxLength 255 */
  stringAliasAddedValidation?: string;
  stringAliasAlreadyValidated?: ShortText;
  /** @title title on field */
  stringAliasWithAddedTitle?: Titled;
  stringAliasWithTitle?: Titled;
  stringPair: [string, string];
  /** @minItems 3 */
  longerStringArray?: LongText[];
  intOrStringArrayWithAPattern?: ShortShare[];
  intOrStringWithEnumSlice?: ShortChoice[];
  /** @default TCP */
  protocol?: string;
  selectableFieldString?: string;
  /** @validation rule="oldSelf.hasValue() || self == 0" message="must be set to 0 on creation. can be set to any value on an update." optionalOldSelf=true */
  onlyAllowSettingOnUpdate?: Int32;
  /** @minimum 1
   *  @maximum 10 */
  locallyBoundedInteger?: Int32;
  /** @minLength 1
   *  @maxLength 10 */
  locallyBoundedString?: string;
  /** Both bounds hold: a field's own marker would replace its type's.
   *  @schema { allOf: [{ minLength: 1, maxLength: 255 }, { minLength: 10, maxLength: 10 }] } */
  fieldLevelAliasOverride?: string;
  /** @maxLength 10
   *  @schema { allOf: [{ minLength: 4 }, { minLength: 10 }] } */
  fieldLevelLocalDeclarationOverride?: string;
}

interface CronJobStatus {
  active?: IObjectReference[];
  lastScheduleTime?: DateTime;
  lastScheduleTime2?: Int64;
  lastScheduleMicroTime?: DateTime;
  lastActiveLogURL?: string;
  lastActiveLogURL2?: string;
  lastActiveLogURL3?: string;
  lastActiveLogURL4?: string;
  duration?: { value: Int64 };
}

/** @resource singular=mycronjob
 *  @storageVersion
 *  @subresource status
 *  @selectableField jsonPath=.spec.selectableFieldString
 *  @metadata annotation="api-approved.kubernetes.io=https://github.com/kubernetes-sigs/controller-tools"
 *  @metadata annotation="cert-manager.io/inject-ca-from-secret=cert-manager/cert-manager-webhook-ca" */
export interface CronJob extends CustomResource<CronJobSpec | undefined, CronJobStatus> {}

import type {
  Base64,
  Condition,
  CustomResource,
  DateTime,
  Duration,
  Int32,
  Int64,
  IntOrString,
  ObjectMeta,
  Quantity,
} from "@kubescaffold/runtime/api";
import type { Colour, Label, Named, Port } from "../shared.ts";

/** Where it is berthed. */
interface Berth {
  harbour: Label;
  /** @default 1 */
  pier?: Int32;
  /** @nullable */
  remark?: string;
}

type Sail = "main" | "jib";

/** What is asked for: {{ this }} is no template, nor is `yes: no` YAML, *\/ the end, or 😀 a problem. */
export interface FrigateSpec {
  /** How many sailors are on board.
   *  @minimum 1
   *  @maximum 400
   *  @default 12 */
  crew?: Int32;
  /** The tonnage, a multiple of ten.
   *  @minimum 0
   *  @exclusiveMinimum
   *  @multipleOf 10 */
  tonnage?: Int64;
  /** @default green */
  colour?: Colour;
  sails?: Sail[];
  /** Names for which YAML 1.1 has other plans, and texts that break blocks:
   *
   *    indented, # with a hash
   *  - and a dash: "quoted" 'twice'
   *
   *  \u200f and a mark of direction ‏ here. */
  on?: boolean;
  /** @format ipv4 */
  address: string;
  ports?: Port[];
  /** @listType set
   *  @maxItems 4 */
  flags?: Label[];
  /** @listType map
   *  @listMapKey harbour
   *  @listMapKey pier */
  berths?: Berth[];
  /** @minProperties 1
   *  @maxProperties 3 */
  stores?: Record<string, Quantity>;
  memory?: Quantity;
  /** @default 80 */
  target?: IntOrString;
  watch?: Duration;
  launched?: DateTime;
  key?: Base64;
  /** @immutable */
  keel?: string;
  captain?: Named<string> | null;
  log?: Partial<Named<Named<Int32>>>;
  position?: [number, number];
  level?: 1 | 2 | 3;
  mood?: "good" | "bad" | null;
  /** @preserveUnknownFields */
  options?: { verbose?: boolean };
  anything?: unknown;
  /** @embeddedResource
   *  @preserveUnknownFields */
  object?: { apiVersion: string; kind: string; metadata?: ObjectMeta };
  "odd.name/with-more"?: string;
}

/** What has been seen. */
export interface FrigateStatus {
  crew?: Int32;
  selector?: string;
  /** @listType map
   *  @listMapKey type */
  conditions?: Condition[];
}

/** A ship of the fleet.
 *
 *  @resource shortName=fr,frig categories=fleet,all
 *  @storageVersion
 *  @subresource status
 *  @subresource scale specReplicasPath=.spec.crew statusReplicasPath=.status.crew labelSelectorPath=.status.selector
 *  @printColumn name=Crew type=integer jsonPath=.spec.crew description="Sailors asked for"
 *  @printColumn name=Ready type=string jsonPath=.status.conditions[?(@.type=="Ready")].status
 *  @printColumn name=Age type=date jsonPath=.metadata.creationTimestamp priority=1
 *  @selectableField jsonPath=.spec.colour
 *  @metadata labels=team=fleet annotations=example.com/owner=navy
 *  @validation rule="!has(self.spec.keel) || self.spec.keel != ''" message="the keel needs a name" */
export interface Frigate extends CustomResource<FrigateSpec, FrigateStatus> {}

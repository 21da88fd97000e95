import type { CustomResource, Int32 } from "@kubescaffold/runtime/api";

export interface CronJobSpec {
  /** @minLength 4 */
  twoOfAKindPart0: string;
  /** @minimum -2
   *  @maximum 2
   *  @multipleOf 2 */
  int32WithValidations: Int32;
}

/** @subresource status
 *  @unserved */
export interface CronJob extends CustomResource<CronJobSpec | undefined> {}

import type { CustomResource, Int32 } from "@kubescaffold/runtime/api";
import type { CronJobSpec } from "../../cronjob/v1beta1/cronjob.types.ts";

interface JobSpec {
  /** @minLength 5 */
  friendlyName: string;
  /** @minimum 0
   *  @maximum 10 */
  count: Int32;
  crongJob: CronJobSpec;
}

export interface Job extends CustomResource<JobSpec> {}

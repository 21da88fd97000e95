import type { CustomResource } from "@kubescaffold/runtime/api";

/** @subresource status
 *  @deprecatedVersion use v1 instead, this version causes your data center to catch fire when used on Tuesdays */
export interface CronJob extends CustomResource<undefined> {}

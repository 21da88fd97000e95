import { realpathSync } from "node:fs";
import type { AdmissionPolicy, Diagnostic, Webhooks } from "../model/index.ts";
import { RuleResources } from "./calls/resources.ts";
import { kindFinder, type ReadCallsOptions } from "./calls/index.ts";
import { readConversions } from "./conversions.ts";
import { readPolicies } from "./policies.ts";
import { createProgram } from "./program.ts";
import type { ProgramKinds } from "./program-kinds.ts";
import { Report } from "./report.ts";
import { listSources } from "./sources.ts";
import { readRegistrations, registersWebhooks } from "./webhook-calls.ts";
import { readWebhooks } from "./webhooks.ts";

/** What was found. */
export interface AdmissionReading {
  /** In the order of the places in the code; markers come first. */
  readonly webhooks: Webhooks;
  /** By name. */
  readonly policies: readonly AdmissionPolicy[];
  readonly diagnostics: readonly Diagnostic[];
}

/** See index.ts. The program's types are read only where they are needed. */
export function readAdmission(options: ReadCallsOptions): AdmissionReading {
  const sources = listSources(realpathSync(options.root), options.overlay);
  const report = new Report(sources.root);
  const { resources, foreign } = options;
  const registers = registersWebhooks(sources);
  if (!registers && sources.policies.length === 0) {
    const webhooks = { ...readWebhooks(report, sources, [], resources), conversions: [] };
    return { webhooks, policies: [], diagnostics: report.sorted() };
  }
  const program = createProgram(sources);
  const kinds: ProgramKinds = {
    ...{ report, sources, program, resources, checker: program.getTypeChecker() },
    ...{ finder: kindFinder(program, sources.root, resources), names: new RuleResources(resources, foreign) },
  };
  const registrations = registers ? readRegistrations(kinds) : [];
  const webhooks = {
    ...readWebhooks(report, sources, registrations, resources),
    conversions: registers ? readConversions(kinds) : [],
  };
  return { webhooks, policies: readPolicies(kinds), diagnostics: report.sorted() };
}

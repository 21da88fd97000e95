import { configurationExample, webhookExample } from "./webhook-marker.ts";

/** A marker above a class, a method, a function or a statement of code. */
export interface CodeMarker {
  readonly name: string;
  /** For the reference: what it says, in one sentence or two. */
  readonly summary: string;
  readonly example: string;
  /** What is said where it stands on a type: what it is for, and where it goes. */
  readonly misplaced: readonly [message: string, instead: string];
}

/** The markers of code, whose arguments are read in access.ts and webhook-marker.ts. */
export const codeMarkers: readonly CodeMarker[] = [
  {
    name: "rbac",
    summary:
      "What the code below may do on the API server; with `namespace=` the rule goes into a Role there, with `roleName=` into a role of that name.",
    example: "@rbac group=apps resources=deployments verbs=get,list,watch",
    misplaced: ["@rbac is for the code that needs the access", "move it to the reconciler's class in controllers/"],
  },
  {
    name: "webhook",
    summary: "A webhook that the code serves, where no `manager.webhook(Kind)` says so; see below.",
    example: webhookExample,
    misplaced: ["@webhook is for the code that serves the webhook", "move it to the class in controllers/ or webhooks/"],
  },
  {
    name: "webhookConfiguration",
    summary: "The name of the configuration that all webhooks of a sort are in.",
    example: configurationExample,
    misplaced: ["@webhookConfiguration is for the code that serves the webhooks", "move it to the class in controllers/ or webhooks/"],
  },
];

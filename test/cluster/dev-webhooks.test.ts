/** What `scaffold dev` does to the webhooks of a cluster, and every way in which it ends, on a real kube-apiserver. */
import { describe } from "@jest/globals";
import { devEnding } from "../generators/commands/dev-ending.ts";
import { devWebhooks } from "../generators/commands/dev-webhooks.ts";

describe("webhooks that lead to this machine", devWebhooks);
describe("scaffold dev", devEnding);

/** What `scaffold dev` does to the webhooks of a cluster, on a real kube-apiserver. */
import { devWebhooks } from "../generators/commands/dev-webhooks.ts";

devWebhooks();

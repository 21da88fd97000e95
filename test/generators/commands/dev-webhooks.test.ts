import { devWebhooks } from "./dev-webhooks.ts";

devWebhooks();

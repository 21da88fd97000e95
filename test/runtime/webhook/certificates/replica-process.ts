/**
 * A replica in a process of its own, forked with a kubeconfig and the webhook settings as JSON. It tells its parent where it listens, and is told how far
 * its clock is from the machine's, in milliseconds.
 */
import type { WebhookSettings } from "../../../../runtime/manager/index.ts";
import { systemClock } from "../../../../runtime/object/index.ts";
import { replica } from "./operators.ts";

const [, , kubeconfig = "", settings = "{}", start = "0"] = process.argv;
let offset = Number(start);
process.on("message", (message) => (offset = Number(message)));
process.channel?.unref();
const clock = { ...systemClock, now: () => systemClock.now() + offset };
const manager = await replica({ kubeconfig }, { clock, webhook: JSON.parse(settings) as Partial<WebhookSettings> });
const running = manager.run();
const timer = setInterval(() => {
  const { health, webhook } = manager.ports;
  if (health === undefined || webhook === undefined) return;
  clearInterval(timer);
  process.send?.({ health, webhook });
}, 10);
await running;

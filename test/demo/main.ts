/**
 * `npm run demo`: from an empty folder to a running operator, with the commands that a user types.
 *
 *   npm run demo                        on the embedded API server; under 20 s
 *   npm run demo -- --keep              stays up, to look around with kubectl
 *   npm run demo -- --kubeconfig FILE   on a real cluster
 */
import { parseArgs } from "node:util";
import { demo } from "./demo.ts";

const { values } = parseArgs({
  options: {
    keep: { type: "boolean", default: false },
    kubeconfig: { type: "string" },
  },
});
process.exitCode = await demo(values);

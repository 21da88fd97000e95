import { relative } from "node:path";
import Environment from "../../environment.js";
import { collect } from "./artifacts.ts";

/** Writes down what is on the cluster when a test fails, before anything is tidied up. */
export default class ClusterEnvironment extends Environment {
  #file;

  constructor(config, context) {
    super(config, context);
    this.#file = relative(config.projectConfig.rootDir, context.testPath);
  }

  async handleTestEvent({ name, test }) {
    if (name !== "test_fn_failure" && name !== "hook_failure") return;
    const folder = await collect(this.#file, test?.name ?? "hook");
    process.stderr.write(`The cluster as it was then: ${folder}\n`);
  }
}

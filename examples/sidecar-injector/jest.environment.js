// yours: a small repair of the world that Jest runs tests in.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import NodeEnvironment from "jest-environment-node";

/** In Jest's sandbox, errors of Node's core (a refused connection, say) are not `instanceof Error`. Here they are, as in production. */
export default class Environment extends NodeEnvironment {
  async setup() {
    await super.setup();
    const SandboxError = this.global.Error;
    const original = SandboxError[Symbol.hasInstance];
    Object.defineProperty(SandboxError, Symbol.hasInstance, {
      configurable: true,
      value(candidate) {
        return original.call(this, candidate) || (this === SandboxError && candidate instanceof Error);
      },
    });
  }
}

import NodeEnvironment from "jest-environment-node";

/**
 * Jest runs tests in a realm of their own, where errors made by Node's core are not `instanceof Error`.
 * Here they are, as in every program that users run.
 */
export default class Environment extends NodeEnvironment {
  async setup() {
    await super.setup();
    const RealmError = this.global.Error;
    const hasInstance = RealmError[Symbol.hasInstance];
    Object.defineProperty(RealmError, Symbol.hasInstance, {
      configurable: true,
      value(candidate) {
        return hasInstance.call(this, candidate) || (this === RealmError && candidate instanceof Error);
      },
    });
  }
}

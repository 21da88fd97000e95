export default async function teardown() {
  await globalThis.kubescaffoldCluster[Symbol.asyncDispose]();
}

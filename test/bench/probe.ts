/** Loaded into a program that is measured (`node --expose-gc --import probe.ts`): at SIGUSR2 it prints what is in use after a collection, in bytes. */
process.on("SIGUSR2", () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ heapUsed, external })}\n`);
});

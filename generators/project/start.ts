/**
 * How an operator starts in production: the one place for `npm start`, for the image and for the benchmarks, which measure it so
 * (docs/performance.md). An operator makes much garbage that lives for one reconcile, and keeps its objects outside the heap.
 */

/** The image with Node that an operator's is put on: no shell, no package manager, a user who is not root. */
export const BASE_IMAGE = "gcr.io/distroless/nodejs24-debian12:nonroot";

/** Options of Node, before the program. */
export const NODE_FLAGS: readonly string[] = [
  // 2 MiB for young objects in place of 16, of which V8 takes three: what the reconciles under way hold, and little more.
  "--max-semi-space-size=2",
  // The old ones are collected when there are half as many again, not when they have multiplied: objects are kept outside the heap.
  "--heap-growing-percent=50",
  // Of the memory limit of the container, as Node finds it. The rest is for what is not in the heap: Node itself, and the caches. Without it
  // the heap of a container of 256 MiB may grow to 259, and the kernel ends the process before the collector sees a reason to work.
  "--max-old-space-size-percentage=50",
];

/** Variables of the environment that have to be there before the process starts. */
export const START_ENVIRONMENT: Readonly<Record<string, string>> = {
  // glibc gives each thread that allocates a pool of its own and seldom takes it back. Here only one thread has much to do.
  MALLOC_ARENA_MAX: "2",
};

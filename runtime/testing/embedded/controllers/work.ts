/**
 * What the server's own controllers do after a change: soon, but not within the write that caused it, so that watches see the steps
 * one by one as with a real controller manager. Work that is added twice before it runs, runs once.
 */
export class Work {
  readonly #waiting = new Map<string, () => void>();
  readonly #onError: (error: unknown) => void;
  #scheduled = false;
  #stopped = false;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(name: string, task: () => void): void {
    if (this.#stopped) return;
    if (!this.#waiting.has(name)) this.#waiting.set(name, task);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Before the next request is read, so that who has the answer to a write finds its consequences.
    queueMicrotask(() => this.#run());
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  #run(): void {
    for (const [name, task] of this.#waiting) {
      this.#waiting.delete(name);
      try {
        task();
      } catch (error) {
        this.#onError(error);
      }
    }
    this.#scheduled = false;
  }
}

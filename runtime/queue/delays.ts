/** Something that waits for its time. */
export interface Delayed<T> {
  readonly value: T;
  readonly at: number;
  /** Of two with the same time the one that was added first is first. */
  readonly order: number;
  /** Where it is in the heap. */
  place: number;
}

/** What waits, the earliest first: a binary heap, in which each knows its place, so that any can be taken out. */
export class Delays<T> {
  readonly #heap: Delayed<T>[] = [];
  #added = 0;

  /** The one whose time comes first. */
  get first(): Delayed<T> | undefined {
    return this.#heap[0];
  }

  add(at: number, value: T): Delayed<T> {
    const delayed = { value, at, order: this.#added++, place: this.#heap.length };
    this.#heap.push(delayed);
    this.#rise(delayed);
    return delayed;
  }

  remove(delayed: Delayed<T>): void {
    const last = this.#heap.pop();
    if (last === undefined || last === delayed) return;
    this.#put(last, delayed.place);
    this.#rise(last);
    this.#sink(last);
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #rise(delayed: Delayed<T>): void {
    while (delayed.place > 0) {
      const parent = this.#heap[(delayed.place - 1) >> 1];
      if (parent === undefined || !isBefore(delayed, parent)) return;
      this.#swap(delayed, parent);
    }
  }

  #sink(delayed: Delayed<T>): void {
    for (;;) {
      const left = this.#heap[2 * delayed.place + 1];
      const right = this.#heap[2 * delayed.place + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, delayed)) return;
      this.#swap(child, delayed);
    }
  }

  #swap(a: Delayed<T>, b: Delayed<T>): void {
    const { place } = a;
    this.#put(a, b.place);
    this.#put(b, place);
  }

  #put(delayed: Delayed<T>, place: number): void {
    this.#heap[place] = delayed;
    delayed.place = place;
  }
}

function isBefore<T>(a: Delayed<T>, b: Delayed<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

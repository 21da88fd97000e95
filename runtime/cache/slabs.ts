/** A block of memory in which the bytes of many objects stand side by side. */
export interface Slab {
  readonly buffer: Buffer;
  used: number;
  /** Bytes of what has not been released. */
  live: number;
  /** What was put here and has not moved away. */
  readonly residents: Resident[];
}

/** Where the bytes of one object are. They may move to another slab, but what was read of them stays right: a slab is never overwritten. */
export interface Resident {
  slab: Slab;
  start: number;
  readonly length: number;
  isReleased: boolean;
}

/** Large enough that the allocator maps it on its own and gives it back whole; pages that were not written to yet take no memory. */
const SLAB_SIZE = 1 << 20;
/** Objects from this size on have a slab of their own, so that the rest of a slab is never lost for one of them. */
const LARGE = SLAB_SIZE / 8;
/** The part of a slab that has to be in use. A byte that is freed costs three that are copied, which is little beside having received it. */
const FULL_ENOUGH = 0.75;

/**
 * Keeps the bytes of many objects outside the heap without an allocation for each. They are appended to slabs, and what is left in a slab
 * of which a quarter is no longer in use moves to the newest one: the memory taken is at most about a third more than that of what is kept, and
 * neither the garbage collector nor the allocator sees the single objects.
 */
export class Slabs {
  #newest = emptySlab(0);

  /** Copies the bytes into a slab and gives their place to the resident that `make` returns. */
  keep<R extends Resident>(bytes: Uint8Array, make: (slab: Slab, start: number) => R): R {
    const { slab, start } = this.#reserve(bytes.length);
    slab.buffer.set(bytes, start);
    const resident = make(slab, start);
    slab.residents.push(resident);
    return resident;
  }

  /** It is not kept any more. Whoever still holds it can go on reading. */
  release(resident: Resident): void {
    if (resident.isReleased) return;
    resident.isReleased = true;
    resident.slab.live -= resident.length;
    if (resident.slab !== this.#newest) this.#clearIfSparse(resident.slab);
  }

  #clearIfSparse(slab: Slab): void {
    if (slab.live >= slab.used * FULL_ENOUGH) return;
    for (const resident of slab.residents.splice(0)) {
      if (resident.isReleased) continue;
      const room = this.#reserve(resident.length);
      slab.buffer.copy(room.slab.buffer, room.start, resident.start, resident.start + resident.length);
      Object.assign(resident, room);
      room.slab.residents.push(resident);
    }
    slab.used = slab.live = 0;
  }

  #reserve(length: number): { slab: Slab; start: number } {
    const slab = this.#withRoomFor(length);
    const start = slab.used;
    slab.used += length;
    slab.live += length;
    return { slab, start };
  }

  #withRoomFor(length: number): Slab {
    if (length >= LARGE) return emptySlab(length);
    const full = this.#newest;
    if (full.used + length <= full.buffer.length) return full;
    this.#newest = emptySlab(SLAB_SIZE);
    this.#clearIfSparse(full);
    return this.#newest;
  }
}

function emptySlab(size: number): Slab {
  return { buffer: Buffer.allocUnsafeSlow(size), used: 0, live: 0, residents: [] };
}

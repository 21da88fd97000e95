/** What a program of Linux says of what it needs: the few fields of the ELF format (System V gABI, chapters 4 and 5) that a loader reads. */
export interface Elf {
  /** As images name it: `amd64`, `arm64`, …; `undefined` for what Node is not built for. */
  readonly architecture: string | undefined;
  /** The loader that starts it; `undefined` for libraries and for what is linked statically. */
  readonly interpreter: string | undefined;
  /** Names of libraries. */
  readonly needed: readonly string[];
  /** Folders to look into first, as they are written: `$ORIGIN` is the folder of the file. */
  readonly runPath: readonly string[];
}

const ARCHITECTURES: Readonly<Record<number, string>> = {
  62: "amd64",
  183: "arm64",
  21: "ppc64le",
  22: "s390x",
  243: "riscv64",
  258: "loong64",
};
const SEGMENT = { load: 1, dynamic: 2, interpreter: 3 };
const ENTRY = { end: 0, needed: 1, strings: 5, oldPath: 15, path: 29 };

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** @returns `undefined` for what is no program or library of a 64-bit Linux */
export function readElf(file: Uint8Array): Elf | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || view.getUint32(0) !== 0x7f454c46 || file[4] !== 2) return undefined;
  const little = file[5] === 1;
  const short = (at: number): number => view.getUint16(at, little);
  const long = (at: number): number => Number(view.getBigUint64(at, little));
  const text = (at: number): string => Buffer.from(file.subarray(at, file.indexOf(0, at))).toString();
  try {
    const segments = Array.from({ length: short(56) }, (_, at): Segment => {
      const start = long(32) + at * short(54);
      return { type: view.getUint32(start, little), offset: long(start + 8), address: long(start + 16), size: long(start + 32) };
    });
    const dynamic = segments.find(({ type }) => type === SEGMENT.dynamic);
    const entries = Array.from({ length: Math.floor((dynamic?.size ?? 0) / 16) }, (_, at) => {
      const start = (dynamic?.offset ?? 0) + at * 16;
      return { tag: long(start), value: long(start + 8) };
    });
    const end = entries.findIndex(({ tag }) => tag === ENTRY.end);
    const used = end === -1 ? entries : entries.slice(0, end);
    const strings = offsetOf(used.find(({ tag }) => tag === ENTRY.strings)?.value ?? 0, segments);
    const named = (wanted: number): string[] => used.filter(({ tag }) => tag === wanted).map(({ value }) => text(strings + value));
    const interpreter = segments.find(({ type }) => type === SEGMENT.interpreter);
    const paths = named(ENTRY.path);
    return {
      architecture: ARCHITECTURES[short(18)],
      interpreter: interpreter ? text(interpreter.offset) : undefined,
      needed: named(ENTRY.needed),
      runPath: (paths.length > 0 ? paths : named(ENTRY.oldPath)).flatMap((path) => path.split(":")).filter((path) => path !== ""),
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut off
    throw error;
  }
}

/** Where in the file is what will be at an address in memory. */
function offsetOf(address: number, segments: readonly Segment[]): number {
  const segment = segments.find((one) => one.type === SEGMENT.load && address >= one.address && address < one.address + one.size);
  return segment ? address - segment.address + segment.offset : address;
}

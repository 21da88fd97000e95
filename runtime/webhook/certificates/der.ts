/** ASN.1 values in the distinguished encoding (ITU-T X.690), as far as certificates need them. Each function returns one whole value. */

/** A value of this tag. @param tag one byte, with the class and constructed bits in it */
function value(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, each) => sum + each.length, 0);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), ...contents]);
}

function lengthBytes(length: number): number[] {
  if (length < 128) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => value(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => value(0x31, ...items);
export const octets = (bytes: Uint8Array): Buffer => value(0x04, bytes);
export const utf8 = (text: string): Buffer => value(0x0c, Buffer.from(text));
export const yes: Buffer = value(0x01, Buffer.from([0xff]));

/** A number that is not negative, from its bytes with the highest first. */
export function integer(bytes: Uint8Array): Buffer {
  const firstUsed = bytes.findIndex((byte) => byte !== 0);
  const shortest = firstUsed < 0 ? Buffer.from([0]) : bytes.subarray(firstUsed);
  // A leading bit of 1 would make it negative.
  return (shortest[0] ?? 0) >= 0x80 ? value(0x02, Buffer.from([0]), shortest) : value(0x02, shortest);
}

/** @param unused bits at the end of the last byte that do not count */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => value(0x03, Buffer.from([unused]), bytes);

/** An object identifier such as `2.5.29.17`. */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128);
    bytes.push(...groups);
  }
  return value(0x06, Buffer.from(bytes));
}

/** A time, in whole seconds: two digits of the year until 2049 and four from then on, as RFC 5280 (4.1.2.5) asks. */
export function time(milliseconds: number): Buffer {
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  return text < "2050" ? value(0x17, Buffer.from(text.slice(2))) : value(0x18, Buffer.from(text));
}

/** A value inside a context-specific tag of its own. */
export const explicit = (tag: number, contents: Uint8Array): Buffer => value(0xa0 + tag, contents);
/** Bytes whose own tag is replaced by a context-specific one. */
export const implicit = (tag: number, bytes: Uint8Array): Buffer => value(0x80 + tag, bytes);

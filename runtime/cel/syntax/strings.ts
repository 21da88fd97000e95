const SIMPLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const ESCAPES = /\\(?:([0-3][0-7]{2})|[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** What a string literal means, its quotes and prefix included in `token`. */
export function stringValue(token: string): string {
  const { body, raw } = unquoted(token);
  if (raw) return body;
  return body.replaceAll(ESCAPES, (_match, octal?: string, hex?: string, short?: string, long?: string, simple?: string) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const code = hex ?? short ?? long;
    if (code !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10_ff_ff));
    return SIMPLE[simple ?? ""] ?? simple ?? "";
  });
}

/** What a bytes literal means, without its `b`: escapes of one byte are bytes, all else is UTF-8. */
export function bytesValue(token: string): Uint8Array {
  const { body, raw } = unquoted(token);
  if (raw) return new TextEncoder().encode(body);
  const bytes: number[] = [];
  let start = 0;
  const add = (text: string) => bytes.push(...new TextEncoder().encode(text));
  for (const match of body.matchAll(ESCAPES)) {
    add(body.slice(start, match.index));
    start = match.index + match[0].length;
    const [, octal, hex, short, long, simple] = match;
    const byte = octal === undefined ? hex : undefined;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
    else if (short !== undefined || long !== undefined) add(String.fromCodePoint(Number.parseInt(short ?? long ?? "0", 16)));
    else add(SIMPLE[simple ?? ""] ?? simple ?? "");
  }
  add(body.slice(start));
  return Uint8Array.from(bytes);
}

function unquoted(token: string): { body: string; raw: boolean } {
  const raw = /^[rR]/.test(token);
  const quoted = raw ? token.slice(1) : token;
  const width = /^("""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { body: quoted.slice(width, -width), raw };
}

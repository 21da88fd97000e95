/** The text of a JSON syntax error as Go's decoder words it. */
export function goJsonError(text: string, error: unknown): string {
  if (text.trim() === "") return "unexpected end of JSON input";
  const message = error instanceof Error ? error.message : String(error);
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? (message.includes("end of JSON") ? text.length : 0));
  const character = text[position];
  if (character === undefined) return "unexpected end of JSON input";
  return `invalid character ${quote(character)} ${expectation(text, position)}`;
}

function quote(character: string): string {
  return character === "'" ? `'\\''` : character === '"' ? `'"'` : `'${character}'`;
}

function expectation(text: string, position: number): string {
  const before = text.slice(0, position).trimEnd();
  const last = before.at(-1);
  if (last === "{") return "looking for beginning of object key string";
  if (last === "," && text.lastIndexOf("{", position) > text.lastIndexOf("[", position))
    return "looking for beginning of object key string";
  if (last === undefined || last === "[" || last === "," || last === ":") return "looking for beginning of value";
  return "after top-level value";
}

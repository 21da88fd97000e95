/** JSON that others wrote: what it is is looked at here, once, and everywhere else it has a type. */
export type Json = Readonly<Record<string, unknown>>;

/** @throws SyntaxError for what is no JSON object */
export function parseObject(bytes: Uint8Array | string): Json {
  const value: unknown = JSON.parse(typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes));
  if (!isObject(value)) throw new SyntaxError("not a JSON object");
  return value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at a key; empty when there is none. */
export function objectAt(from: Json, key: string): Json {
  const value = from[key];
  return isObject(value) ? value : {};
}

/** The objects of a list at a key; none when there is no list. */
export function objectsAt(from: Json, key: string): Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function textAt(from: Json, key: string): string | undefined {
  const value = from[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function textsAt(from: Json, key: string): string[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A map of texts, such as labels; what is no text is left out. */
export function mapAt(from: Json, key: string): Record<string, string> {
  const texts = Object.entries(objectAt(from, key)).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(texts);
}

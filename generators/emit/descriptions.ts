import { mapSchemas, type Schema } from "../model/index.ts";

/** A schema whose descriptions, and those of all that is inside it, have at most so many characters; 0 takes them out. */
export function withShortDescriptions(schema: Schema, most: number): Schema {
  const { description, ...rest } = mapSchemas(schema, (each) => withShortDescriptions(each, most));
  return { ...rest, ...(description === undefined || most === 0 ? {} : { description: shortened(description, most) }) };
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * A text that ends with the last whole word that fits, and an ellipsis.
 *
 * @param most characters as people see them, so that none is cut in two
 */
export function shortened(text: string, most: number): string {
  // Cheap where it is short anyway: no text has more graphemes than UTF-16 units.
  if (text.length <= most) return text;
  const characters = Array.from(graphemes.segment(text), ({ segment }) => segment);
  if (characters.length <= most) return text;
  const head = characters.slice(0, most - 1);
  const isWhole = /^\s/.test(characters[most - 1] ?? "");
  const lastBlank = isWhole ? -1 : head.findLastIndex((each) => /^\s/.test(each));
  const kept = lastBlank > 0 ? head.slice(0, lastBlank) : head;
  return `${kept.join("").trimEnd()}…`;
}

/**
 * Times as Go's `metav1.Time` reads and writes them: RFC 3339, in UTC, whole seconds or microseconds.
 */

/** The canonical form, or an `Error` (not thrown) in Go's words. */
export function canonicalTime(text: string, micro: boolean): string | Error {
  const parts = (
    micro
      ? /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.,]\d{6})(Z|[+-]\d{2}:\d{2})$/
      : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.,]\d+)?(Z|[+-]\d{2}:\d{2})$/
  ).exec(text);
  const millis = parts ? Date.parse(`${text.slice(0, 19)}${parts[2] ?? "Z"}`) : Number.NaN;
  if (!parts || Number.isNaN(millis)) return notATime(text, micro);
  const seconds = new Date(millis).toISOString().slice(0, 19);
  if (!micro) return `${seconds}Z`;
  return `${seconds}.${(parts[1] ?? ".").slice(1, 7)}Z`;
}

function notATime(text: string, micro: boolean): Error {
  const layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
  const steps: [RegExp, string][] = [
    [/^\d{4}/, "2006"],
    [/^-/, "-"],
    [/^\d{2}/, "01"],
    [/^-/, "-"],
    [/^\d{2}/, "02"],
    [/^T/, "T"],
    [/^\d{2}/, "15"],
    [/^:/, ":"],
    [/^\d{2}/, "04"],
    [/^:/, ":"],
    [micro ? /^\d{2}/ : /^\d{2}(?:[.,]\d+)?/, "05"],
    ...(micro ? [[/^[.,]\d{6}/, ".000000"] as [RegExp, string]] : []),
    [/^(?:Z|[+-]\d{2}:\d{2})/, "Z07:00"],
  ];
  let rest = text;
  for (const [pattern, element] of steps) {
    const match = pattern.exec(rest);
    if (!match)
      return new Error(
        `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`,
      );
    rest = rest.slice(match[0].length);
  }
  return new Error(
    rest === ""
      ? `parsing time ${JSON.stringify(text)}: day out of range`
      : `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`,
  );
}

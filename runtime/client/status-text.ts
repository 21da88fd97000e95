/** Longest text of a refusal in an error's message, in characters. */
const LONGEST = 2000;

/**
 * What the API server says, as one line that a log can take. Where it quotes a whole object that it refuses, which may be a Secret and have a megabyte,
 * only the object's length is told; lines are joined; and a list of errors without end is cut.
 */
export function statusText(message: string): string {
  const line = withoutObjects(message)
    .replaceAll(/\s*\n\s*/g, " ")
    .trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}… (${line.length} characters in all)`;
}

/** An object as Go quotes it: `"{\"apiVersion\":…}"`. */
const QUOTED_OBJECT = '"{\\"';

function withoutObjects(message: string): string {
  let text = "";
  let at = 0;
  for (let start = message.indexOf(QUOTED_OBJECT); start >= 0; start = message.indexOf(QUOTED_OBJECT, at)) {
    let end = start + 1;
    while (end < message.length && message[end] !== '"') end += message[end] === "\\" ? 2 : 1;
    text += `${message.slice(at, start)}(an object of ${end - start - 1} characters)`;
    at = end + 1;
  }
  return text + message.slice(at);
}

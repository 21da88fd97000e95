/**
 * How a container of an image behaves. The last part of the image's name, or its tag, says so:
 *
 * - `does-not-exist…` cannot be pulled: ErrImagePull, then ImagePullBackOff, and the Pod stays Pending;
 * - `never-ready…` runs, but its readiness probe never succeeds;
 * - `exits-with-<code>` ends with this exit code;
 * - everything else runs, and is ready at once.
 *
 * @example
 * behaviourOf("example.com/does-not-exist:1.0"); // { name: "missing" }
 * behaviourOf("example.com/web:exits-with-3"); // { name: "exits", code: 3 }
 */
export function behaviourOf(image: string): Behaviour {
  const [path = ""] = image.split("@");
  for (const word of path.slice(path.lastIndexOf("/") + 1).split(":")) {
    if (word.startsWith("does-not-exist")) return { name: "missing" };
    if (word.startsWith("never-ready")) return { name: "never-ready" };
    const exit = /^exits-with-(\d{1,3})$/.exec(word);
    if (exit) return { name: "exits", code: Number(exit[1]) };
  }
  return { name: "runs" };
}

export type Behaviour = { name: "runs" | "missing" | "never-ready" } | { name: "exits"; code: number };

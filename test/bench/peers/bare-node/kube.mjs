// The least that a Node program needs to talk to an API server: a floor to measure against, not code to build on.
// No retries, no error handling, no resume: anything unexpected ends the process.
import fs from "node:fs";
import https from "node:https";

const kubeconfig = fs.readFileSync(process.env.KUBECONFIG, "utf8");
const field = (name) => new RegExp(`"?${name}"?:\\s*"?([^\\s",}]+)`).exec(kubeconfig)?.[1];
const url = new URL(field("server"));
const headers = { authorization: `Bearer ${field("token")}` };
const tls = { keepAlive: true, rejectUnauthorized: false };
const api = new https.Agent({ ...tls, maxSockets: 16, scheduling: "lifo" });
const streams = new https.Agent(tls);

function open(method, path, body, type, agent) {
  return new Promise((resolve, reject) => {
    const bytes = body && Buffer.from(JSON.stringify(body));
    const more = bytes ? { "content-type": type, "content-length": bytes.length } : {};
    https
      .request({ host: url.hostname, port: url.port, path, method, agent, headers: { ...headers, ...more } }, resolve)
      .on("error", reject)
      .end(bytes);
  });
}

export async function call(method, path, body, type = "application/json") {
  const response = await open(method, path, body, type, api);
  response.setEncoding("utf8");
  let text = "";
  for await (const part of response) text += part;
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** Streams the initial state and all changes of a collection; resolves when the initial state is complete. */
export function watch(path, onEvent) {
  return new Promise((synced, reject) => {
    (async () => {
      const query = "?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
      const response = await open("GET", path + query, undefined, undefined, streams);
      let rest = Buffer.alloc(0);
      for await (const chunk of response) {
        const bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk;
        let start = 0;
        for (let end; (end = bytes.indexOf(10, start)) >= 0; start = end + 1) {
          const { type, object } = JSON.parse(bytes.toString("utf8", start, end));
          if (type === "BOOKMARK") synced();
          else onEvent(`${object.metadata.namespace}/${object.metadata.name}`, object, type);
        }
        rest = bytes.subarray(start);
      }
    })().catch(reject);
  });
}

/** Objects as JSON bytes in slabs of 1 MiB. */
export class Store {
  #slab = Buffer.allocUnsafeSlow(1 << 20);
  #used = 0;
  #entries = new Map();
  get size() {
    return this.#entries.size;
  }
  set(key, object) {
    delete object.metadata.managedFields;
    const json = JSON.stringify(object);
    const length = Buffer.byteLength(json);
    if (this.#used + length > this.#slab.length) [this.#slab, this.#used] = [Buffer.allocUnsafeSlow(1 << 20), 0];
    this.#slab.write(json, this.#used);
    this.#entries.set(key, this.#slab.subarray(this.#used, (this.#used += length)));
  }
  get(key) {
    const bytes = this.#entries.get(key);
    return bytes && JSON.parse(bytes.toString());
  }
  delete(key) {
    this.#entries.delete(key);
  }
}

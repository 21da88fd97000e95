// Subject of `bench.py webhook`: node bare-node/webhook.mjs {cert} {key} {port}
import fs from "node:fs";
import https from "node:https";

const [, , cert, key, port] = process.argv;
const LABELS = ["name", "instance", "version", "component", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`);
const pointer = (key) => key.replace(/~/g, "~0").replace(/\//g, "~1");

function answer(path, { uid, object: { metadata } }) {
  const missing = LABELS.filter((label) => metadata.labels?.[label] === undefined);
  if (missing.length === 0) return { uid, allowed: true };
  if (path !== "/mutate")
    return { uid, allowed: false, status: { code: 403, reason: "required labels are not set", message: `missing ${missing.join(", ")}` } };
  const patch = metadata.labels
    ? missing.map((label) => ({ op: "add", path: `/metadata/labels/${pointer(label)}`, value: "not_available" }))
    : [{ op: "add", path: "/metadata/labels", value: Object.fromEntries(missing.map((label) => [label, "not_available"])) }];
  return { uid, allowed: true, patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(patch)).toString("base64") };
}

https
  .createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key), ALPNProtocols: ["http/1.1"] }, (request, response) => {
    const parts = [];
    request
      .on("data", (part) => parts.push(part))
      .on("end", () => {
        const review = JSON.parse(Buffer.concat(parts));
        const body = JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: answer(request.url, review.request) });
        response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
      });
  })
  .listen(Number(port), "127.0.0.1", () => console.log("READY"));
process.on("SIGTERM", () => process.exit(0));

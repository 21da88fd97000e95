import { isIP } from "node:net";

interface Peer {
  /** Where the connection went. */
  readonly host: string;
  readonly port: string;
  /** What the certificate has to be for. */
  readonly name: string;
}

const UNKNOWN_AUTHORITY = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);

/** What Go says of an error of a connection. Errors that have no counterpart keep node's text. */
export function networkErrorText(error: unknown, peer: Peer): string {
  const { code = "", message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  const at = `dial tcp ${isIP(peer.host) === 6 ? `[${peer.host}]` : peer.host}:${peer.port}: `;
  if (UNKNOWN_AUTHORITY.has(code)) return "tls: failed to verify certificate: x509: certificate signed by unknown authority";
  switch (code) {
    case "ECONNREFUSED":
      return `${at}connect: connection refused`;
    case "EHOSTUNREACH":
      return `${at}connect: no route to host`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `dial tcp: lookup ${peer.host}: no such host`;
    case "ECONNRESET":
    case "EPIPE":
      return "EOF";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return `tls: failed to verify certificate: x509: ${namesText(error, peer.name)}`;
    case "CERT_HAS_EXPIRED":
    case "CERT_NOT_YET_VALID":
      return "tls: failed to verify certificate: x509: certificate has expired or is not yet valid";
    case "EPROTO":
      return message.includes("wrong version number") || message.includes("packet length")
        ? "http: server gave HTTP response to HTTPS client"
        : `remote error: ${message}`;
    default:
      return message;
  }
}

/** Go's words for a certificate of other names. */
function namesText(error: unknown, wanted: string): string {
  const certificate = (error as { cert?: { subjectaltname?: string } }).cert;
  const names = (certificate?.subjectaltname ?? "").split(", ");
  const isAddress = isIP(wanted) !== 0;
  const prefix = isAddress ? "IP Address:" : "DNS:";
  const valid = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  if (valid.length > 0) return `certificate is valid for ${valid.join(", ")}, not ${wanted}`;
  return isAddress
    ? `cannot validate certificate for ${wanted} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${wanted}`;
}

/** What client-go makes of an HTTP error whose body is no Status. */
export function httpErrorText(code: number, body: string): string {
  const text = body.trim();
  switch (code) {
    case 400:
      return "the server rejected our request for an unknown reason";
    case 401:
      return "the server has asked for the client to provide credentials";
    case 403:
      return text;
    case 404:
      return "the server could not find the requested resource";
    case 405:
      return "the server does not allow this method on the requested resource";
    case 406:
      return text === "" ? "the server was unable to respond with a content type that the client supports" : text;
    case 409:
      return "the server reported a conflict";
    case 415:
      return text === "" ? "the server was unable to respond with a content type that the client supports" : text;
    case 422:
      return "the server rejected our request due to an error in our request";
    case 429:
      return "the server has received too many requests and has asked us to try again later";
    case 503:
      return "the server is currently unable to handle the request";
    case 504:
      return "the server was unable to return a response in the time allotted, but may still be processing the request";
  }
  if (code >= 500)
    return `an error on the server (${JSON.stringify(text === "" ? "unknown" : text)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

/** What the decoder says of an answer that is no JSON. */
export function jsonErrorText(text: string, error: unknown): string {
  const first = text.trim().charAt(0);
  if (first === "") return "unexpected end of JSON input";
  const why =
    first === "{" || first === "["
      ? error instanceof Error && /end of/.test(error.message)
        ? "unexpected end of JSON input"
        : "invalid character in JSON"
      : `invalid character '${first}' looking for beginning of value`;
  return `couldn't get version/kind; json parse error: ${why}`;
}

import { createHash, createPrivateKey, generateKeyPair, randomBytes, sign, X509Certificate, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import { bits, explicit, implicit, integer, octets, oid, sequence, set, time, utf8, yes } from "./der.ts";

/** A certificate with its private key, both in PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  /** The subject's common name, for people; clients look at `names`. */
  commonName: string;
  /** Milliseconds since the epoch. */
  notBefore: number;
  /** Milliseconds since the epoch. */
  notAfter: number;
}

export interface ServingOptions extends CertificateOptions {
  /** DNS names and IP addresses that clients connect to (RFC 5280, 4.2.1.6). */
  names: readonly string[];
}

/** A certificate authority of our own, which signs serving certificates and no other authorities. */
export async function certificateAuthority(options: CertificateOptions): Promise<KeyPair> {
  const subject = await newKeyPair();
  const usage = [basicConstraints(true), keyUsage("certSign", "crlSign")];
  return issue(options, subject, usage, undefined);
}

/** A certificate for a server, signed by an authority, or by itself where there is none. It carries no chain. */
export async function servingCertificate(options: ServingOptions, authority?: KeyPair): Promise<KeyPair> {
  if (options.names.length === 0) throw new TypeError("a serving certificate needs at least one name");
  const subject = await newKeyPair();
  const usage = [basicConstraints(false), keyUsage("digitalSignature"), serverAuth(), alternativeNames(options.names)];
  return issue(options, subject, usage, authority);
}

/** What asks somebody else's authority for a certificate, and the private key that will belong to that, both in PEM. */
export interface CertificateRequest {
  request: string;
  key: string;
}

/** Asks for a serving certificate (PKCS#10, RFC 2986). How long it is valid is up to the signer. */
export async function certificateRequest({ commonName, names }: Pick<ServingOptions, "commonName" | "names">): Promise<CertificateRequest> {
  const { publicKey, privateKey } = await newKeyPair();
  const extensions = sequence(keyUsage("digitalSignature"), serverAuth(), alternativeNames(names));
  const attribute = sequence(oid(OID.extensionRequest), set(extensions));
  const content = sequence(
    integer(Buffer.from([0])), // version 1
    subjectName(commonName),
    publicKey.export({ type: "spki", format: "der" }),
    explicit(0, attribute),
  );
  const request = sequence(content, sequence(oid(OID.ecdsaWithSha256)), bits(sign("sha256", content, privateKey)));
  return { request: pem("CERTIFICATE REQUEST", request), key: keyPem(privateKey) };
}

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  extensionRequest: "1.2.840.113549.1.9.14",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
};

/** Numbers of bits, the first being the highest of the first byte (RFC 5280, 4.2.1.3). */
const KEY_USAGES = { digitalSignature: 0, certSign: 5, crlSign: 6 };

interface Keys {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

function newKeyPair(): Promise<Keys> {
  return promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
}

/** Puts together and signs a version 3 certificate (RFC 5280, 4.1). */
function issue(options: CertificateOptions, subject: Keys, usage: readonly Buffer[], authority: KeyPair | undefined): KeyPair {
  const name = subjectName(options.commonName);
  const issuer = authority === undefined ? { ...subject, name } : readAuthority(authority);
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const extensions = [
    ...usage,
    extension(OID.subjectKeyIdentifier, octets(keyIdentifier(subject.publicKey))),
    extension(OID.authorityKeyIdentifier, sequence(implicit(0, keyIdentifier(issuer.publicKey)))),
  ];
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(randomBytes(16)),
    algorithm,
    issuer.name,
    sequence(time(options.notBefore), time(options.notAfter)),
    name,
    subject.publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...extensions)),
  );
  const certificate = sequence(content, algorithm, bits(sign("sha256", content, issuer.privateKey)));
  return { cert: pem("CERTIFICATE", certificate), key: keyPem(subject.privateKey) };
}

function readAuthority({ cert, key }: KeyPair): Keys & { name: Buffer } {
  const certificate = new X509Certificate(cert);
  if (!certificate.ca) throw new TypeError("the certificate that shall sign is no authority's");
  const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "";
  return { publicKey: certificate.publicKey, privateKey: createPrivateKey(key), name: subjectName(commonName) };
}

function subjectName(commonName: string): Buffer {
  return sequence(set(sequence(oid(OID.commonName), utf8(commonName))));
}

/** SHA-1 of the public key's bits (RFC 5280, 4.2.1.2, method 1); of an uncompressed P-256 point they are the last 65 bytes. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash("sha1")
    .update(publicKey.export({ type: "spki", format: "der" }).subarray(-65))
    .digest();
}

function extension(id: string, contents: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [yes] : []), octets(contents));
}

function basicConstraints(authority: boolean): Buffer {
  // Of an authority: it signs no other authorities (path length 0).
  return extension(OID.basicConstraints, authority ? sequence(yes, integer(Buffer.from([0]))) : sequence(), true);
}

function keyUsage(...usages: (keyof typeof KEY_USAGES)[]): Buffer {
  const numbers = usages.map((usage) => KEY_USAGES[usage]);
  const byte = numbers.reduce((sum, number) => sum + (0x80 >> number), 0);
  return extension(OID.keyUsage, bits(Buffer.from([byte]), 7 - Math.max(...numbers)), true);
}

function serverAuth(): Buffer {
  return extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth)));
}

function alternativeNames(names: readonly string[]): Buffer {
  const encoded = names.map((name) => (isIP(name) === 0 ? implicit(2, Buffer.from(name, "ascii")) : implicit(7, addressBytes(name))));
  return extension(OID.subjectAltName, sequence(...encoded));
}

/** The 4 or 16 bytes of an IP address. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes an embedded IPv4 address as two more groups, and all groups in lower case.
  const [head = "", tail = ""] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

function pem(label: string, contents: Buffer): string {
  const lines = contents.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

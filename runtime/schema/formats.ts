/**
 * The string formats that kube-apiserver knows in CRD schemas (all others are ignored), each with its test.
 */
import { isIP, isIPv4, isIPv6 } from "node:net";

const uuid = (version: string, variant: string): RegExp =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}-?${variant}-?[0-9a-f]{12}$`, "i");
const hex4 = "[0-9a-f]{4}";
const label = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
const longName = new RegExp(`^${label}(?:\\.${label})*$`);
const shortName = new RegExp(`^${label}$`);
const hostName =
  /^(?:[a-zA-Z0-9\p{S}\p{L}](?:-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|(?:[a-zA-Z0-9\p{S}\p{L}](?:[-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$/u;
const digits = (text: string): string => text.replace(/[^0-9]+/g, "");

/** A Go `time.ParseDuration` text: `1h30m`, `-1.5s`, `0`. */
const goDuration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const looseDuration = /(\d+)\s*([A-Za-z]+)/g;
const durationUnits =
  /^(ns|nano|us|micro|ms|milli|s|sec|m|min|h|hr|hour|d|day|w|wk|week|nanosecond.*|microsecond.*|millisecond.*|second.*|minute.*|hour.*|day.*|week.*|nanos|micros|millis|nanos.*|micros.*|millis.*)$/i;

function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return month >= 1 && month <= 12 && day >= 1 && day <= (days[month - 1] ?? 0);
}

function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split("t");
  if (text.length < 4 || date === undefined || time === undefined || !isDate(date)) return false;
  const parts = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/.exec(time);
  return parts !== null && (parts[1] ?? "") <= "23" && (parts[2] ?? "") <= "59" && (parts[3] ?? "") <= "59";
}

function isDuration(text: string): boolean {
  if (goDuration.test(text)) return true;
  return [...text.matchAll(looseDuration)].some((match) => durationUnits.test(match[2] ?? ""));
}

function isCidr(text: string): boolean {
  const parts = /^(.*)\/(\d{1,3})$/.exec(text);
  if (!parts) return false;
  const address = sloppyIPv4(parts[1] ?? "");
  const bits = Number(parts[2]);
  return isIPv4(address) ? bits <= 32 : isIPv6(address) && !address.includes("%") && bits <= 128;
}

/** Leading zeros in IPv4 octets are accepted, as they always were. */
function sloppyIPv4(text: string): string {
  return text.replace(/(^|\.)0+(?=\d)/g, "$1");
}

function isRequestUri(text: string): boolean {
  if (text === "" || /[\u0000-\u001f\u007f]/.test(text)) return false;
  if (text === "*") return true;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  const rest = scheme ? text.slice(scheme[0].length) : text;
  if (!rest.startsWith("/")) return scheme !== null;
  if (scheme && rest.startsWith("//")) {
    const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? "";
    const host = authority.slice(authority.lastIndexOf("@") + 1);
    if (/[ "<>\\^`{|}]/.test(host)) return false;
    const port = /:([^:\]]*)$/.exec(host)?.[1];
    if (port !== undefined && !/^\d*$/.test(port)) return false;
  }
  return !/%(?![0-9A-Fa-f]{2})/.test(rest.split(/[?#]/, 1)[0] ?? "");
}

function isEmail(text: string): boolean {
  const address = /^\s*(?:(?:"[^"]*"|[^"<>@]*)\s*<([^<>]+)>|([^<>]+))\s*$/.exec(text);
  const mail = address?.[1] ?? address?.[2];
  const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\uffff-]+";
  return (
    mail !== undefined &&
    new RegExp(`^(?:${atom}(?:\\.${atom})*|"(?:[^"\\\\]|\\\\.)*")@(?:${atom}(?:\\.${atom})*|\\[[^\\]]*\\])$`).test(mail.trim())
  );
}

function isIsbn10(text: string): boolean {
  const bare = text.replace(/[\s-]+/g, "");
  if (!/^(?:\d{9}X|\d{10})$/.test(bare)) return false;
  let sum = 0;
  for (let index = 0; index < 10; index++) sum += (index + 1) * (bare[index] === "X" ? 10 : Number(bare[index]));
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const bare = text.replace(/[\s-]+/g, "");
  if (!/^\d{13}$/.test(bare)) return false;
  let sum = 0;
  for (let index = 0; index < 12; index++) sum += (index % 2 === 0 ? 1 : 3) * Number(bare[index]);
  return (10 - (sum % 10)) % 10 === Number(bare[12]);
}

function isCreditCard(text: string): boolean {
  const bare = digits(text);
  if (
    !/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/.test(
      bare,
    )
  )
    return false;
  let sum = 0;
  for (let index = bare.length - 1, twice = false; index >= 0; index--, twice = !twice) {
    const digit = Number(bare[index]) * (twice ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** Names are kept without dashes: `date-time` and `datetime` are the same format. */
const formats: Record<string, (text: string) => boolean> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isEmail,
  hostname: (text) =>
    hostName.test(text) && Buffer.byteLength(text) <= 255 && text.split(".").every((part) => Buffer.byteLength(part) <= 63),
  ipv4: (text) => isIP(sloppyIPv4(text)) !== 0 && text.includes(".") && !text.includes("%"),
  ipv6: (text) => isIPv6(text) && !text.includes("%"),
  cidr: isCidr,
  mac: (text) =>
    /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}(?:(?:[0-9a-fA-F]{2}\1){2}|(?:[0-9a-fA-F]{2}\1){14})?[0-9a-fA-F]{2}$|^(?:[0-9a-fA-F]{4}\.){2}(?:[0-9a-fA-F]{4}\.|(?:[0-9a-fA-F]{4}\.){7})?[0-9a-fA-F]{4}$/.test(
      text,
    ),
  uuid: (text) => uuid(hex4, hex4).test(text),
  uuid3: (text) => uuid("3[0-9a-f]{3}", hex4).test(text),
  uuid4: (text) => uuid("4[0-9a-f]{3}", "[89ab][0-9a-f]{3}").test(text),
  uuid5: (text) => uuid("5[0-9a-f]{3}", "[89ab][0-9a-f]{3}").test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => {
    const part = "\\s*(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*";
    return new RegExp(`^rgb\\(${part},${part},${part}\\)$`).test(text);
  },
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => Buffer.byteLength(text) <= 63 && shortName.test(text),
  k8slongname: (text) => Buffer.byteLength(text) <= 253 && longName.test(text),
};

/** The test of a format, or `undefined` when the server ignores it (`int32`, `double`, unknown names). */
export function formatTest(format: string | undefined): ((text: string) => boolean) | undefined {
  return format === undefined ? undefined : formats[format.replaceAll("-", "")];
}

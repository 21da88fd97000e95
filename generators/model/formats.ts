const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = `${octet}(?:\\.${octet}){3}`;
/** Leading zeros, and an IPv4 address within an IPv6 one, as Go's older parser takes them. */
const sloppyIpv4 = `(?:(?:(?:0{1,4}:){5}|::)[fF]{4}:)?0*${octet}(?:\\.0*${octet}){3}`;
const hextet = "[0-9a-fA-F]{1,4}";
const ipv6 = [
  `(?:${hextet}:){7}(?:${hextet}|:)`,
  `(?:${hextet}:){6}(?:${ipv4}|:${hextet}|:)`,
  `(?:${hextet}:){5}(?::${ipv4}|(?::${hextet}){1,2}|:)`,
  `(?:${hextet}:){4}(?:(?::${hextet}){0,1}:${ipv4}|(?::${hextet}){1,3}|:)`,
  `(?:${hextet}:){3}(?:(?::${hextet}){0,2}:${ipv4}|(?::${hextet}){1,4}|:)`,
  `(?:${hextet}:){2}(?:(?::${hextet}){0,3}:${ipv4}|(?::${hextet}){1,5}|:)`,
  `${hextet}:(?:(?::${hextet}){0,4}:${ipv4}|(?::${hextet}){1,6}|:)`,
  `:(?:(?::${hextet}){0,5}:${ipv4}|(?::${hextet}){1,7}|:)`,
].join("|");
const leapYear = "(?:\\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const date = `(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|${leapYear}-02-29)`;
const time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:[.,]\\d+)?(?:[Zz]|[+-](?:[01]\\d|2[0-4]):(?:[0-5]\\d|60))";

/**
 * The formats that are checked before a request, as regular expressions without flags; a format that is not here is left to the API
 * server, which ignores those that it does not know itself.
 */
export const formats: ReadonlyMap<string, RegExp> = new Map([
  ["byte", /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/],
  ["date", new RegExp(`^${date}$`)],
  ["date-time", new RegExp(`^${date}[Tt]${time}$`)],
  ["ipv4", new RegExp(`^${sloppyIpv4}$`)],
  ["ipv6", new RegExp(`^(?:${ipv6})$`)],
  ["uuid", /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/],
]);

/** What API servers check (apiextensions-apiserver's list of supported formats), and what they know but do not check. */
export const knownFormats: readonly string[] =
  "bsonobjectid byte cidr creditcard date date-time datetime double duration email float hexcolor hostname int32 int64 ipv4 ipv6 isbn isbn10 isbn13 k8s-long-name k8s-short-name mac password rgbcolor ssn uri uuid uuid3 uuid4 uuid5".split(
    " ",
  );

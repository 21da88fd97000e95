const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = `${octet}(?:\\.${octet}){3}`;
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
const dayOfMonth = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2\\d))";

/**
 * The formats that are checked before a request, as regular expressions without flags; a format that is not here is left to the API
 * server, which ignores those that it does not know itself.
 */
export const formats: ReadonlyMap<string, RegExp> = new Map([
  ["byte", /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/],
  ["date", new RegExp(`^\\d{4}-${dayOfMonth}$`)],
  [
    "date-time",
    new RegExp(`^\\d{4}-${dayOfMonth}[Tt](?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:[.,]\\d+)?(?:[Zz]|[+-](?:[01]\\d|2[0-3]):?[0-5]\\d)$`),
  ],
  ["ipv4", new RegExp(`^${ipv4}$`)],
  ["ipv6", new RegExp(`^(?:${ipv6})$`)],
  ["uuid", /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/],
]);

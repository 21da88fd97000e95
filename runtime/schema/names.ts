/**
 * The forms of names, with the messages that the API server gives for each.
 */

const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const labelExpression = new RegExp(`^${label}$`);
const subdomainExpression = new RegExp(`^${label}(\\.${label})*$`);
const label1035Expression = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedExpression = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const valueExpression = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const tooLongBytes = (limit: number): string => `must be no more than ${limit} bytes`;
const tooLong = (limit: number): string => `must be no more than ${limit} characters`;
const pattern = (message: string, examples: readonly string[], expression: string): string =>
  `${message} (e.g. ${examples.map((example) => `'${example}', `).join(" or ")}regex used for validation is '${expression}')`;

const lengthOf = (text: string): number => Buffer.byteLength(text);

/** A lower case RFC 1123 label: at most 63 characters. */
export function dns1123Label(text: string): string[] {
  const errors = lengthOf(text) > 63 ? [tooLong(63)] : [];
  if (!labelExpression.test(text)) {
    errors.push(
      subdomainExpression.test(text)
        ? "must not contain dots"
        : pattern(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            ["my-name", "123-abc"],
            "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
          ),
    );
  }
  return errors;
}

/** A lower case RFC 1123 subdomain: at most 253 characters. */
export function dns1123Subdomain(text: string): string[] {
  const errors = lengthOf(text) > 253 ? [tooLong(253)] : [];
  if (!subdomainExpression.test(text)) {
    errors.push(
      pattern(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        ["example.com"],
        "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
      ),
    );
  }
  return errors;
}

/** An RFC 1035 label (it starts with a letter): at most 63 characters. */
export function dns1035Label(text: string): string[] {
  const errors = lengthOf(text) > 63 ? [tooLong(63)] : [];
  if (!label1035Expression.test(text)) {
    errors.push(
      pattern(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        ["my-name", "abc-123"],
        "[a-z]([-a-z0-9]*[a-z0-9])?",
      ),
    );
  }
  return errors;
}

/** A name that may have a DNS prefix: `app`, `example.com/app`. */
export function qualifiedName(text: string): string[] {
  const errors: string[] = [];
  const parts = text.split("/");
  let name = parts[0] ?? "";
  if (parts.length === 2) {
    const prefix = name;
    name = parts[1] ?? "";
    if (prefix === "") errors.push("prefix part must be non-empty");
    else errors.push(...dns1123Subdomain(prefix).map((message) => `prefix part ${message}`));
  } else if (parts.length > 2) {
    return [
      `a valid label key ${pattern(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ["MyName", "my.name", "123-abc"],
        "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
      )} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (name === "") errors.push("name part must be non-empty");
  else if (lengthOf(name) > 63) errors.push(`name part ${tooLongBytes(63)}`);
  if (!qualifiedExpression.test(name)) {
    errors.push(
      `name part ${pattern(
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ["MyName", "my.name", "123-abc"],
        "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
      )}`,
    );
  }
  return errors;
}

/** A label's value: empty, or at most 63 characters. */
export function labelValue(text: string): string[] {
  const errors = lengthOf(text) > 63 ? [tooLongBytes(63)] : [];
  if (!valueExpression.test(text)) {
    errors.push(
      pattern(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        ["MyValue", "my_value", "12345"],
        "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
      ),
    );
  }
  return errors;
}

/** What any name in a path must be: neither `.` nor `..`, without `/` and `%`. */
export function pathSegment(text: string): string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((character) => text.includes(character)).map((character) => `may not contain '${character}'`);
}

/** A port's name (IANA service name). */
export function portName(text: string): string[] {
  const errors: string[] = [];
  if (text.length > 15) errors.push(tooLong(15));
  if (!/^[-a-z0-9]+$/.test(text)) errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(text)) errors.push("must contain at least one letter (a-z)");
  if (text.includes("--")) errors.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) errors.push("must not begin or end with a hyphen");
  return errors;
}

/** Names of environment variables, with the relaxation of recent versions: any printable ASCII but `=`. */
export function environmentName(text: string): string[] {
  if (text === "") return ["environment variable name must be set"];
  return /^[ -<>-~]+$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of config maps and secrets. */
export function configKey(text: string): string[] {
  const errors = text.length > 253 ? [tooLong(253)] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) {
    errors.push(
      pattern(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        ["key.name", "KEY_NAME", "key-name"],
        "[-._a-zA-Z0-9]+",
      ),
    );
  }
  if (text === "." || text === "..") errors.push(`must not be '${text}'`);
  else if (text.startsWith("..")) errors.push("must not start with '..'");
  return errors;
}

import { expect, test } from "@jest/globals";
import { withRuleErrors } from "../../../runtime/cel/index.ts";
import type { JsonSchema } from "../../../runtime/schema/index.ts";

/** Whether a rule about nothing holds; an error of it is thrown. */
function holds(rule: string): boolean {
  const schema: JsonSchema = { type: "object", "x-kubernetes-validations": [{ rule, message: "no" }] };
  const [error] = withRuleErrors([], schema, {});
  if (error !== undefined && error.message !== "Invalid value: no") throw new Error(error.message);
  return error === undefined;
}

test.each([
  ["cidr('10.0.0.0/8') == cidr('10.0.0.0/8').masked()", true],
  ["cidr('10.1.2.3/8') == cidr('10.1.2.3/8').masked()", false],
  ["cidr('10.1.2.3/12').masked() == cidr('10.0.0.0/12')", true],
  ["cidr('192.168.255.255/17').masked() == cidr('192.168.128.0/17')", true],
  ["cidr('10.1.2.3/0').masked() == cidr('0.0.0.0/0')", true],
  ["cidr('10.1.2.3/32').masked() != cidr('10.1.2.3/32')", false],
  ["cidr('2001:db8::1/33').masked() == cidr('2001:DB8:0::/33')", true],
  ["cidr('2001:db8:ffff::/33').masked() == cidr('2001:db8:8000::/33')", true],
  ["cidr('fe80::1/128').masked() == cidr('fe80::1/128')", true],
  ["cidr('10.0.0.0/8') == cidr('10.0.0.0/9')", false],
  ["cidr('10.0.0.0/8').containsCIDR(cidr('10.2.0.0/16'))", true],
  ["cidr('10.0.0.0/16').containsCIDR(cidr('10.0.0.0/8'))", false],
  ["string(cidr('10.1.2.3/8').masked())", "10.0.0.0/8"],
  ["string(cidr('2001:db8::1/64'))", "2001:db8::1/64"],
])("%s is %s", (rule, value) => {
  expect(holds(typeof value === "string" ? `${rule} == '${value}'` : rule)).toBe(value !== false);
});

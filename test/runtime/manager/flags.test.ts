import { describe, expect, test } from "@jest/globals";
import { parseFlags, UsageError } from "../../../runtime/manager/index.ts";

const defaults = { leaderElection: { id: "test.example.com" } };
const parse = (...argv: string[]) => parseFlags(argv, defaults);

describe("flags", () => {
  test("have the defaults of Kubebuilder's", () => {
    expect(parse()).toMatchObject({
      leaderElection: false,
      metrics: false,
      healthProbe: { bindAddress: ":8081" },
      webhook: { port: 9443, http2: false, certName: "tls.crt", certKey: "tls.key" },
      namespaces: undefined,
      help: false,
    });
  });

  test.each([
    [["--leader-elect"], { leaderElection: defaults.leaderElection }],
    [["--leader-elect=true"], { leaderElection: defaults.leaderElection }],
    [["--leader-elect=1"], { leaderElection: defaults.leaderElection }],
    [["-leader-elect"], { leaderElection: defaults.leaderElection }],
    [["--leader-elect", "--leader-elect=false"], { leaderElection: false }],
    [["--metrics-bind-address=:8443"], { metrics: { bindAddress: ":8443", secure: true } }],
    [["-metrics-bind-address", ":8443", "--metrics-secure=false"], { metrics: { secure: false } }],
    [["--metrics-bind-address=0"], { metrics: false }],
    [["--metrics-bind-address=:1", "--metrics-cert-path=/c", "--metrics-cert-name=a", "--metrics-cert-key=b"],
      { metrics: { certPath: "/c", certName: "a", certKey: "b" } }],
    [["--health-probe-bind-address=0"], { healthProbe: false }],
    [["--health-probe-bind-address", "127.0.0.1:9"], { healthProbe: { bindAddress: "127.0.0.1:9" } }],
    [["--webhook-port=0"], { webhook: false }],
    [["--enable-http2"], { webhook: { port: 9443, http2: true, certName: "tls.crt", certKey: "tls.key" } }],
    [[], { webhook: { certSource: "self", secretName: "webhook-server-cert", serviceName: "webhook-service", mutatingConfiguration: undefined } }],
    [["--webhook-cert-source=csr:example.com/webhooks", "--webhook-secret-name=a", "--webhook-service-name=b"],
      { webhook: { certSource: "csr:example.com/webhooks", secretName: "a", serviceName: "b" } }],
    [["--mutating-webhook-configuration=a", "--validating-webhook-configuration", "b"],
      { webhook: { mutatingConfiguration: "a", validatingConfiguration: "b" } }],
    [["--namespaces=a, b,,c"], { namespaces: ["a", "b", "c"] }],
    [["--namespaces="], { namespaces: undefined }],
    [["--kubeconfig=/x", "--context", "y"], { kubeconfig: "/x", context: "y" }],
    [["--help"], { help: true }],
  ])("%p", (argv, expected) => {
    expect(parse(...argv)).toMatchObject(expected);
  }); // prettier-ignore

  test.each([
    [["--unknown"], /^Unknown option '--unknown'; --help lists the flags$/],
    [["stray"], /stray.*; --help lists the flags$/],
    [["--leader-elect=maybe"], /^--leader-elect=maybe: use true or false$/],
    [["--metrics-bind-address=nonsense"], /^--metrics-bind-address: "nonsense" is not an address/],
    [["--metrics-bind-address=:99999"], /is not an address/],
    [["--webhook-port=x"], /^--webhook-port x: not a port number$/],
    [["--webhook-cert-source=csr:signer"], /^--webhook-cert-source csr:signer: use self, or csr:SIGNER such as csr:example.com/],
    [["--log-level=loud"], /^--log-level loud: use one of debug, info/],
  ])("%p is refused in one line", (argv, message) => {
    expect(() => parse(...argv)).toThrow(UsageError);
    expect(() => parse(...argv)).toThrow(message);
  });
});

describe("flags of the program's own", () => {
  const own = {
    image: { type: "string", default: "memcached:1.6", help: "image" },
    zone: { type: "string", help: "zone" },
    eager: { type: "boolean", help: "eager" },
  } as const;
  const flagsOf = (...argv: string[]) => parseFlags(argv, { ...defaults, flags: own }).flags;

  test("are read in the ways of the others, with types that follow from them", () => {
    const { image, zone, eager }: { image: string; zone: string | undefined; eager: boolean } = flagsOf();
    expect({ image, zone, eager }).toEqual({ image: "memcached:1.6", zone: undefined, eager: false });
    expect(flagsOf("-image=a:1", "--zone", "b", "--eager=true")).toEqual({ image: "a:1", zone: "b", eager: true });
    expect(parseFlags(["--zone=b", "--webhook-port=7"], { ...defaults, flags: own })).toMatchObject({ webhook: { port: 7 } });
  });

  test("that are unknown or wrong are told as the others are", () => {
    expect(() => flagsOf("--imag=x")).toThrow(UsageError);
    expect(() => flagsOf("--eager=maybe")).toThrow("--eager=maybe: use true or false");
    expect(() => parseFlags([], { ...defaults, flags: { kubeconfig: own.zone } })).toThrow("--kubeconfig is a flag of the manager already");
  });
});

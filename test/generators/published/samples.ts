/** An object of an imported kind. */
export interface Sample {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const shop = { name: "shop", namespace: "default" } as const;

const route: Sample = {
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: shop,
  spec: {
    hosts: ["shop.example.com"],
    http: [
      {
        match: [{ uri: { prefix: "/cart" }, headers: { beta: { exact: "yes" } } }],
        timeout: "5s",
        retries: { attempts: 3, perTryTimeout: "2s" },
        route: [
          { destination: { host: "cart", subset: "v1", port: { number: 8080 } }, weight: 90 },
          { destination: { host: "cart", subset: "v2" }, weight: 10 },
        ],
      },
    ],
  },
};

const balanced: Sample = {
  apiVersion: "networking.istio.io/v1beta1",
  kind: "DestinationRule",
  metadata: shop,
  spec: {
    host: "cart",
    trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" }, connectionPool: { tcp: { maxConnections: 100 } } },
    subsets: [{ name: "v1", labels: { version: "v1" } }],
  },
};

const pool: Sample = {
  apiVersion: "karpenter.sh/v1",
  kind: "NodePool",
  metadata: { name: "general" },
  spec: {
    // The number of nodes is required in a budget, and has a default: it may be left out.
    disruption: { consolidateAfter: "1h", budgets: [{ reasons: ["Drifted"] }] },
    limits: { cpu: 100, memory: "400Gi" },
    template: {
      metadata: { labels: { team: "shop" } },
      spec: {
        nodeClassRef: { group: "example.com", kind: "NodeClass", name: "default" },
        requirements: [{ key: "kubernetes.io/arch", operator: "In", values: ["amd64", "arm64"] }],
        taints: [{ key: "example.com/dedicated", effect: "NoSchedule" }],
      },
    },
    weight: 10,
  },
};

const policy: Sample = {
  apiVersion: "kyverno.io/v1",
  kind: "ClusterPolicy",
  metadata: { name: "need-team" },
  spec: {
    background: true,
    rules: [
      {
        name: "team",
        match: { any: [{ resources: { kinds: ["Pod"], namespaces: ["shop-*"] } }] },
        validate: { failureAction: "Enforce", message: "say whose it is", pattern: { metadata: { labels: { team: "?*" } } } },
      },
      {
        name: "add-team",
        match: { all: [{ resources: { kinds: ["Service"] } }] },
        mutate: { patchStrategicMerge: { metadata: { labels: { "+(team)": "nobody" } } } },
      },
    ],
  },
};

/** Samples that API servers take; they use what is special in the schemas: free JSON, defaults, quantities, choices, maps. */
export const valid: readonly Sample[] = [
  route,
  balanced,
  pool,
  policy,
  {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: shop,
    spec: { selector: { matchLabels: { app: "cart" } }, action: "DENY", rules: [{ to: [{ operation: { methods: ["DELETE"] } }] }] },
  },
  { apiVersion: "telemetry.istio.io/v1", kind: "Telemetry", metadata: shop, spec: { accessLogging: [{ disabled: true }] } },
  {
    apiVersion: "kyverno.io/v2",
    kind: "PolicyException",
    metadata: shop,
    spec: {
      exceptions: [{ policyName: "need-team", ruleNames: ["team"] }],
      match: { any: [{ resources: { kinds: ["Pod"], names: ["old-*"] } }] },
    },
  },
  {
    apiVersion: "policies.kyverno.io/v1",
    kind: "ValidatingPolicy",
    metadata: { name: "replicas" },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] }],
      },
      validations: [{ expression: "object.spec.replicas > 1", message: "two at least" }],
    },
  },
];

/** A sample with another spec, of which only the given fields are other ones. */
function changed(sample: Sample, spec: Readonly<Record<string, unknown>>): Sample {
  return { ...sample, spec: { ...(sample["spec"] as object), ...spec } };
}

const unchecked =
  "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";

/** What a real API server says of them, too. */
export const invalid: readonly { readonly sample: Sample; readonly errors: readonly string[] }[] = [
  {
    sample: changed(pool, { weight: 101 }),
    errors: ["spec.weight: Invalid value: 101: spec.weight in body should be less than or equal to 100"],
  },
  {
    sample: changed(pool, { disruption: { consolidateAfter: "soon" } }),
    errors: [
      "spec.disruption.consolidateAfter: Invalid value: \"soon\": spec.disruption.consolidateAfter in body should match '^(([0-9]+(s|m|h))+|Never)$'",
    ],
  },
  {
    sample: changed(balanced, { trafficPolicy: { loadBalancer: { simple: "NEAREST" } } }),
    errors: [
      'spec.trafficPolicy.loadBalancer.simple: Unsupported value: "NEAREST": supported values: "UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"',
      unchecked,
    ],
  },
  {
    sample: changed(balanced, { trafficPolicy: { loadBalancer: { simple: "RANDOM", consistentHash: { useSourceIp: true } } } }),
    errors: [
      '<nil>: Invalid value: "": "spec.trafficPolicy.loadBalancer" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    sample: changed(route, { http: [{ timeout: "0s", route: [{ destination: {} }] }] }),
    errors: ["spec.http[0].route[0].destination.host: Required value", unchecked],
  },
  {
    sample: changed(policy, { rules: [{ name: "x", match: { any: [] }, validate: { failureAction: "Maybe" } }] }),
    errors: ['spec.rules[0].validate.failureAction: Unsupported value: "Maybe": supported values: "Audit", "Enforce"'],
  },
];

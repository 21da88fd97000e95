/** The text of a marker with nothing wrong. */
export const right =
  "validating path=/validate-fleet-io-v1-ship group=fleet.io version=v1 resources=ships operations=CREATE name=ships.fleet.io";

/** The marker with one part in place of another. */
export const replaced = (from: string, to: string): string => `@webhook ${right.replace(from, to)}`;

/** Markers that are refused, and in which words. On kube-apiserver every one is tried that leads to a webhook at all. */
export const refusals: readonly (readonly [name: string, marker: string, message: string])[] = [
  [
    "a name of one label",
    replaced("ships.fleet.io", "ships"),
    "the name ships has one label; write a domain of three or more, such as ships.fleet.example.com",
  ],
  [
    "a name that is no domain",
    replaced("ships.fleet.io", "Ships.fleet.io"),
    'the name "Ships.fleet.io" is no domain; write lower case letters, digits and hyphens, such as ships.fleet.example.com',
  ],
  [
    "neither path nor url",
    replaced("path=/validate-fleet-io-v1-ship ", ""),
    "has neither a path nor a url; say where it is served, such as path=/validate-fleet-example-com-v1-ship",
  ],
  ["both", `@webhook ${right} url=https://example.com`, "has a path of a Service and a url; keep one of them"],
  [
    "a path without a slash",
    replaced("/validate-fleet-io-v1-ship", "validate"),
    'the path "validate" is none; write it like /validate-fleet-example-com-v1-ship',
  ],
  [
    "a url that is not https",
    replaced("path=/validate-fleet-io-v1-ship", "url=http://example.com"),
    'the url "http://example.com" is not https; write it like https://host:9443/path',
  ],
  ["an operation that is none", replaced("CREATE", "CRAETE"), 'operations[0] is "CRAETE"; write CREATE'],
  ["an operation in lower case", replaced("CREATE", "create"), 'operations[0] is "create"; write CREATE'],
  ["all operations and others", replaced("CREATE", "*,CREATE"), "operations has * beside others; write * alone, which is all of them"],
  ["all groups and others", replaced("group=fleet.io", "group=*,apps"), "group has * beside others; write * alone, which is all of them"],
  [
    "a resource in upper case",
    replaced("resources=ships", "resources=Ship"),
    'the resource "Ship" is none; write it in the plural and lower case, such as ships',
  ],
  ["the singular of a kind of the project", replaced("resources=ships", "resources=ship"), "the resource ship is no plural; write fleet"],
  [
    "the singular of a kind of Kubernetes",
    replaced("group=fleet.io version=v1 resources=ships", "group=networking.k8s.io version=v1 resources=networkpolicy"),
    "the resource networkpolicy is no plural; write networkpolicies",
  ],
  ["a resource twice over", replaced("resources=ships", "resources=*,ships"), "the resource ships is in * already; keep one of the two"],
  ["another scope", `@webhook ${right} scope=cluster`, 'scope is "cluster"; write Cluster'],
  ["another failure policy", `@webhook ${right} failurePolicy=Ignored`, 'failurePolicy is "Ignored"; write Ignore'],
  ["a failure policy far from all", `@webhook ${right} failurePolicy=Whatever`, 'failurePolicy is "Whatever"; write Fail or Ignore'],
  ["another match policy", `@webhook ${right} matchPolicy=exact`, 'matchPolicy is "exact"; write Exact'],
  ["side effects", `@webhook ${right} sideEffects=Some`, 'sideEffects is "Some"; write None or NoneOnDryRun'],
  ["a timeout of 0", `@webhook ${right} timeoutSeconds=0`, "timeoutSeconds is 0; write a whole number of seconds from 1 to 30"],
  ["a timeout of 31", `@webhook ${right} timeoutSeconds=31`, "timeoutSeconds is 31; write a whole number of seconds from 1 to 30"],
  ["a port that is none", `@webhook ${right} servicePort=70000`, "the Service's port is 70000; write a whole number from 1 to 65535"],
  [
    "reinvocation of a validating one",
    `@webhook ${right} reinvocationPolicy=IfNeeded`,
    "reinvocationPolicy is for mutating webhooks; take it out",
  ],
  [
    "reviews that nobody speaks",
    `@webhook ${right} admissionReviewVersions=v2`,
    "admissionReviewVersions has no version that API servers speak; write v1",
  ],
  [
    "a label that is none",
    `@webhook ${right} objectSelector="a/b/c=d"`,
    'objectSelector has the label "a/b/c", which is none; write it like team or example.com/team',
  ],
  [
    "an operator that is none",
    `@webhook ${right} namespaceSelector={ matchExpressions: [{ key: "a", operator: "in", values: ["b"] }] }`,
    'namespaceSelector has the operator "in"; write In, NotIn, Exists or DoesNotExist',
  ],
  [
    "a field of a selector that is none",
    `@webhook ${right} namespaceSelector={ matchlabels: { a: "b" } }`,
    "there is no field namespaceSelector.matchlabels; write matchLabels",
  ],
  [
    "a patch of an unknown field",
    `@webhook ${right} patch={ timeoutSecond: 5 }`,
    "there is no field timeoutSecond (in the patch); write timeoutSeconds",
  ],
  [
    "a patch of an unknown field with null",
    `@webhook ${right} patch={ TimeoutSeconds: null }`,
    "there is no field TimeoutSeconds (in the patch); write timeoutSeconds",
  ],
  ["a patch that takes away what is needed", `@webhook ${right} patch={ name: null }`, "name is missing; write name"],
  [
    "a patch with a directive that is none",
    `@webhook ${right} patch={ "$patc": "replace" }`,
    'the patch has $patc: "replace", which says nothing (in the patch); write $patch: "delete" or "replace", $retainKeys, $setElementOrder/<list> or $deleteFromPrimitiveList/<list>',
  ],
];

/** Expressions of match conditions, and what is said about them. */
export const wrongConditions: readonly (readonly [expression: string, message: string])[] = [
  ["object.spec.crew >", "is no CEL: unexpected token: EOF at 19; mend the expression"],
  ["objct.spec.crew > 1", "has no variable objct; write object"],
  ["params.crew > 1", "has no variable params; write one of object, oldObject, request, authorizer, namespaceObject"],
  ["object.metadata.name.startWith('a')", "has no function startWith; write startsWith"],
  ["object.spec.crew + 1 == 2 ? 'yes' : 'no'", "gives a string; write a comparison, or what else is true or false"],
  ["object.spec.crewed", "gives a value of any type; write a comparison, or what else is true or false"],
  ["request.userInfo.user == 'a'", "has no user in the request; write one of username, uid, groups, extra"],
  ["request.operaton == 'CREATE'", "has no operaton in the request; write operation"],
  ["math.abs(1) == 1", "has no variable math; write one of object, oldObject, request, authorizer, namespaceObject"],
];

export const rightConditions: readonly string[] = [
  "request.userInfo.groups.exists(g, g.startsWith('system:')) && [1, 2].all(i, n, i < n)",
  "has(object.metadata.labels) && object.?metadata.labels['a'].orValue('x') == 'b'",
  "authorizer.group('').resource('pods').namespace('a').check('get').allowed()",
  "object == null || oldObject == null || namespaceObject.metadata.name != 'a'",
  "quantity(object.spec.size).isLessThan(quantity('1Gi')) && sets.contains([1], [1]) && url('https://a').getHost() == 'a'",
  "optional.of(1).hasValue() && type(object) == map && cidr('10.0.0.0/8').containsIP('10.0.0.1')",
  "[?optional.none()].size() == 0 && {?'a': optional.none()}.size() == 0 && .1 < 1.0",
  "lists.range(3) == [0, 1, 2] && request.kind.kind == 'Pod' && request.userInfo.extra.all(k, k != 'a')",
  "request.dryRun",
];

/** What the API server takes all the same: it does not know which resources there are, nor that a service has more than one path. */
export const takenByServer: readonly string[] = [
  "neither path nor url",
  "the singular of a kind of the project",
  "the singular of a kind of Kubernetes",
  "a resource in upper case",
];

/** Webhooks in both spellings of their markers; what becomes of them is in `data/webhooks`, and is what controller-gen makes of the first. */
export interface WebhookCase {
  /** `// +kubebuilder:…`, by file. */
  readonly go: Readonly<Record<string, readonly string[]>>;
  /** Tags of a doc comment, by file. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

const goShips = (rest: string): string =>
  `// +kubebuilder:webhook:${rest},groups=fleet.io,resources=ships,versions=v1,admissionReviewVersions=v1`;
const ships = (rest: string): string => `@webhook ${rest} group=fleet.io resources=ships version=v1`;

export const webhookCases: Readonly<Record<string, WebhookCase>> = {
  "one-of-each-sort": {
    go: {
      "controllers/ship.ts": [
        "// +kubebuilder:webhook:verbs=create;update,path=/validate-fleet-io-v1-ship,mutating=false,failurePolicy=fail,matchPolicy=Equivalent,groups=fleet.io,resources=ships,versions=v1,name=validation.ship.fleet.io,sideEffects=None,timeoutSeconds=10,admissionReviewVersions=v1;v1beta1",
        "// +kubebuilder:webhook:webhookVersions=v1,verbs=create;update,path=/mutate-fleet-io-v1-ship,mutating=true,failurePolicy=ignore,matchPolicy=exact,groups=fleet.io,resources=ships,versions=v1,name=default.ship.fleet.io,sideEffects=noneondryrun,timeoutSeconds=3,admissionReviewVersions=v1;v1beta1,reinvocationPolicy=IfNeeded",
      ],
    },
    tags: {
      "controllers/ship.ts": [
        "@webhook validating name=validation.ship.fleet.io path=/validate-fleet-io-v1-ship group=fleet.io resources=ships version=v1 operations=CREATE,UPDATE matchPolicy=Equivalent timeoutSeconds=10 admissionReviewVersions=v1,v1beta1",
        "@webhook mutating name=default.ship.fleet.io path=/mutate-fleet-io-v1-ship group=fleet.io resources=ships version=v1 operations=CREATE,UPDATE failurePolicy=Ignore matchPolicy=Exact sideEffects=NoneOnDryRun timeoutSeconds=3 reinvocationPolicy=IfNeeded admissionReviewVersions=v1,v1beta1",
      ],
    },
  },
  "many-of-everything": {
    go: {
      "main.ts": [
        '// +kubebuilder:webhook:path=/any,mutating=false,failurePolicy=Fail,sideEffects=None,groups="";apps;core,resources=pods;pods/status;deployments,verbs="create";UPDATE;Delete;connect,versions=v1;v1beta1,name=any.things.example.com,admissionReviewVersions={v1,v1beta1}',
        "// +kubebuilder:webhook:path=/all,mutating=false,failurePolicy=Fail,sideEffects=None,groups=*,resources=*,verbs=*,versions=*,name=all.things.example.com,admissionReviewVersions=v1,timeoutSeconds=0",
      ],
    },
    tags: {
      "main.ts": [
        '@webhook validating path=/any group="core,apps,core" resources=pods,pods/status,deployments operations=CREATE,UPDATE,DELETE,CONNECT version=v1,v1beta1 name=any.things.example.com admissionReviewVersions=v1,v1beta1',
        "@webhook validating path=/all group=* resources=* operations=* version=* name=all.things.example.com",
      ],
    },
  },
  "by-name-across-files": {
    go: {
      "controllers/a.ts": [goShips("verbs=update,mutating=false,failurePolicy=fail,name=c.ships.fleet.io,sideEffects=None,path=/c")],
      "controllers/b.ts": [
        goShips("verbs=delete,mutating=false,failurePolicy=fail,name=b.ships.fleet.io,sideEffects=None,path=/b,reinvocationPolicy=Never"),
        goShips("verbs=create,mutating=false,failurePolicy=fail,name=a.ships.fleet.io,sideEffects=None,path=/a"),
      ],
    },
    tags: {
      "controllers/a.ts": [ships("validating operations=UPDATE name=c.ships.fleet.io path=/c")],
      "controllers/b.ts": [
        ships("validating operations=DELETE name=b.ships.fleet.io path=/b"),
        ships("validating operations=CREATE name=a.ships.fleet.io path=/a"),
      ],
    },
  },
  "other-services": {
    go: {
      "controllers/ship.ts": [
        goShips(
          "serviceName=lighthouse,serviceNamespace=coast,servicePort=1234,verbs=create,path=/a,mutating=false,failurePolicy=fail,name=a.ships.fleet.io,sideEffects=None",
        ),
        goShips("serviceName=buoy,verbs=create,path=/b,mutating=true,failurePolicy=fail,name=b.ships.fleet.io,sideEffects=None"),
      ],
    },
    tags: {
      "controllers/ship.ts": [
        ships("validating serviceName=lighthouse serviceNamespace=coast servicePort=1234 operations=CREATE path=/a name=a.ships.fleet.io"),
        ships("mutating serviceName=buoy operations=CREATE path=/b name=b.ships.fleet.io"),
      ],
    },
  },
  "at-a-url": {
    go: {
      "controllers/ship.ts": [
        goShips(
          'url="https://signals.example.com:9443/ships",serviceName=none,verbs=create,mutating=false,failurePolicy=fail,name=a.ships.fleet.io,sideEffects=None',
        ),
      ],
    },
    tags: {
      "controllers/ship.ts": [ships("validating url=https://signals.example.com:9443/ships operations=CREATE name=a.ships.fleet.io")],
    },
  },
  "other-names": {
    go: {
      "controllers/ship.ts": [
        "// +kubebuilder:webhookconfiguration:mutating=true,name=shipwrights",
        "// +kubebuilder:webhookconfiguration:mutating=false,name=inspectors",
        goShips("verbs=create,path=/a,mutating=false,failurePolicy=fail,name=a.ships.fleet.io,sideEffects=None"),
        goShips("verbs=create,path=/b,mutating=true,failurePolicy=fail,name=b.ships.fleet.io,sideEffects=None"),
      ],
    },
    tags: {
      "controllers/ship.ts": [
        "@webhookConfiguration mutating name=shipwrights",
        "@webhookConfiguration validating name=inspectors",
        ships("validating operations=CREATE path=/a name=a.ships.fleet.io"),
        ships("mutating operations=CREATE path=/b name=b.ships.fleet.io"),
      ],
    },
  },
  selectors: {
    go: {
      "controllers/ship.ts": [
        goShips(
          'verbs=create,path=/a,mutating=false,failurePolicy=fail,name=a.ships.fleet.io,sideEffects=None,patch=`{"namespaceSelector":{"matchLabels":{"fleet.io/ships":"checked"},"matchExpressions":[{"key":"stage","operator":"In","values":["sea-trial"]},{"key":"stage","operator":"NotIn","values":["yard"]},{"key":"owner","operator":"Exists"},{"key":"legacy","operator":"DoesNotExist"}]}}`',
        ),
        goShips(
          'verbs=create,path=/b,mutating=true,failurePolicy=fail,name=b.ships.fleet.io,sideEffects=None,patch=`{"objectSelector":{"matchLabels":{"crewed":"yes"}}}`',
        ),
      ],
    },
    tags: {
      "controllers/ship.ts": [
        ships(
          'validating operations=CREATE path=/a name=a.ships.fleet.io namespaceSelector="fleet.io/ships=checked, stage in (sea-trial), stage!=yard, owner, !legacy"',
        ),
        ships("mutating operations=CREATE path=/b name=b.ships.fleet.io objectSelector={ matchLabels: { crewed: 'yes' } }"),
      ],
    },
  },
  "match-conditions": {
    go: {
      "controllers/ship.ts": [
        goShips(
          `verbs=create,path=/a,mutating=false,failurePolicy=fail,name=a.ships.fleet.io,sideEffects=None,patch=\`{"matchConditions":[{"name":"not-nodes","expression":"!request.userInfo.groups.exists(g, g == 'system:nodes')"},{"name":"large","expression":"object.spec.crew > 9"}]}\``,
        ),
      ],
    },
    tags: {
      "controllers/ship.ts": [
        ships(`validating operations=CREATE path=/a name=a.ships.fleet.io
   matchConditions=[
     { name: "not-nodes", expression: "!request.userInfo.groups.exists(g, g == 'system:nodes')" },
     { name: "large", expression: "object.spec.crew > 9" },
   ]`),
      ],
    },
  },
  patches: {
    go: {
      "controllers/ship.ts": [
        goShips(
          'verbs=create,path=/a,mutating=false,failurePolicy=fail,timeoutSeconds=9,name=a.ships.fleet.io,sideEffects=None,patch=`{"timeoutSeconds":null,"failurePolicy":"Ignore","rules":[{"operations":["DELETE"],"apiGroups":["fleet.io"],"apiVersions":["*"],"resources":["boats"],"scope":"Cluster"}],"clientConfig":{"caBundle":"AAAA","service":{"port":8443}}}`',
        ),
        goShips(
          'verbs=create,path=/b,mutating=true,failurePolicy=fail,name=b.ships.fleet.io,sideEffects=None,patch=`{"clientConfig":{"$patch":"replace","url":"https://example.com/b"},"$deleteFromPrimitiveList/admissionReviewVersions":["v1beta1"]}`',
        ).replace("admissionReviewVersions=v1", "admissionReviewVersions=v1;v1beta1"),
      ],
    },
    tags: {
      "controllers/ship.ts": [
        ships(
          'validating operations=CREATE path=/a name=a.ships.fleet.io timeoutSeconds=9 patch={ timeoutSeconds: null, failurePolicy: "Ignore", rules: [{ operations: ["DELETE"], apiGroups: ["fleet.io"], apiVersions: ["*"], resources: ["boats"], scope: "Cluster" }], clientConfig: { caBundle: "AAAA", service: { port: 8443 } } }',
        ),
        ships("mutating operations=CREATE url=https://example.com/b name=b.ships.fleet.io"),
      ],
    },
  },
};

/**
 * Every CRD that the tests of types and markers generate, on the real kube-apiserver: whatever object is sent, it is taken or refused there as
 * the generated class takes or refuses it, cause by cause; on updates too, with the rules that compare old and new.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import { setTimeout } from "node:timers/promises";
import { customResourceDefinition } from "../../generators/emit/index.ts";
import type { Json, Resource } from "../../generators/model/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import { request } from "../../runtime/testing/controlplane/request.ts";
import { compile, messagesOf } from "../generators/emit/compiled.ts";
import { readSpecs } from "../generators/spec/cases.ts";
import { appliedMarkers, markerSource } from "../generators/spec/marker-cases.ts";
import { typeSources } from "../generators/spec/type-cases.ts";
import { valueOf } from "./schema-values.ts";

interface Answer {
  readonly status: number;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
  readonly metadata?: { readonly resourceVersion?: string };
}

/** Rules as people write them: comparing fields, old and new, lists and maps, texts, times, quantities. */
const ruled: Readonly<Record<string, string>> = {
  "fields that are compared": `interface Spec {
    /** @validation rule="self.low <= self.high" message="low must not be above high" */
    range: { low: Int32; high: Int32 };
    /** @validation rule="self.all(x, x.size() > 0)" */ words?: string[];
    /** @validation rule="self.exists_one(x, x.main)" message="one is the main one" */ parts?: { name: string; main: boolean }[] }`,
  "a change": `interface Spec {
    /** @immutable */ region?: string;
    /** @validation rule="self >= oldSelf" message="it may only grow" */ size?: Int32;
    /** @validation rule="!oldSelf.hasValue() || self.size() >= oldSelf.value().size()" optionalOldSelf=true */ tags?: string[] }`,
  "items that keep their names": `interface Spec {
    /** @listType map
     *  @listMapKey name
     *  @maxItems 4 */
    items?: Item[] }
    /** @validation rule="self.kind == oldSelf.kind" message="an item keeps its kind" */
    interface Item { name: "a" | "b" | "c"; kind?: "x" | "y"; size?: Int32 }`,
  "one of several": `/** @exactlyOneOf a b c */ interface Spec { a?: string; b?: string; c?: Int32 }`,
  "none or one, and at least one": `interface Spec { /** @atMostOneOf a b */ x?: { a?: string; b?: string }; /** @atLeastOneOf a b */ y?: { a?: string; b?: string } }`,
  "a message that is made": `interface Spec { /** @validation rule="self % 2 == 0" messageExpression="self > 4 ? 'large and odd' : 'small and odd'" */ size?: Int64 }`,
  "a reason and a path": `interface Spec { /** @validation rule="!has(self.b) || has(self.a)" reason=FieldValueRequired fieldPath=.a */ x?: { a?: string; b?: string } }`,
  "quantities, times and formats": `interface Spec {
    /** @validation rule="quantity(self).isGreaterThan(quantity('1Gi'))" */ memory?: string;
    /** @validation rule="duration(self) <= duration('10m')" */ every?: Duration;
    /** @validation rule="self.matches('^[a-z]+$') && self.startsWith('a')" */ word?: string;
    /** @validation rule="isIP(self) && ip(self).family() == 4" */ address?: string }`,
  "conversions that fail": `interface Spec {
    /** @validation rule="timestamp(self) > timestamp('2000-01-01T00:00:00Z')" */ a?: string;
    /** @validation rule="self == '' || int(self) > 1" */ b?: string;
    /** @validation rule="double(self) > 1.0" */ c?: string;
    /** @validation rule="uint(self) > 1u" */ d?: string;
    /** @validation rule="bool(self)" */ e?: string;
    /** @validation rule="quantity(self).isGreaterThan(quantity('1'))" */ f?: string;
    /** @validation rule="ip(self).family() == 4" */ g?: string;
    /** @validation rule="cidr(self).ip().family() == 4" */ h?: string;
    /** @validation rule="url(self).getHost() == ''" */ i?: string;
    /** @validation rule="self.charAt(2) == 'x'" */ j?: string;
    /** @validation rule="self.split('-')[1] == 'x'" */ l?: string;
    /** @validation rule="10 / self == 1 && 10 % self == 0" */ m?: Int32;
    /** @validation rule="10 % self == 0" */ n?: Int32;
    /** @validation rule="self * 9223372036854775807 > 0" */ o?: Int64 }`,
  "maps and names that are words of CEL": `interface Spec {
    /** @validation rule="self.all(k, self[k].size() < 4)" */ labels?: Record<string, string>;
    /** @validation rule="!has(self.__namespace__) || self.__namespace__ != 'a'" */ x?: { namespace?: string };
    /** @validation rule="!has(self.c__dot__d) || self.c__dot__d != 'a'" */ y?: { "c.d"?: string } }`,
};

let cluster: ControlPlane;
let resources: Resource[];

beforeAll(async () => {
  cluster = await ControlPlane.start();
  const markers = Object.entries(appliedMarkers).map(([name, [field]]) => [name, markerSource(field)]);
  const outcomes = await readSpecs({ ...typeSources(), ...(Object.fromEntries(markers) as Record<string, string>), ...ruled });
  for (const [name, { lines }] of Object.entries(outcomes)) expect([name, lines]).toEqual([name, []]);
  resources = Object.values(outcomes).flatMap(({ resource }) => resource ?? []);
  expect(resources.length).toBeGreaterThan(100);
  for (const resource of resources) {
    const answer = await send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", customResourceDefinition(resource));
    expect([resource.kind, answer.message]).toEqual([resource.kind, undefined]);
  }
}, 120_000);

afterAll(async () => {
  await cluster.stop();
});

async function send(method: string, path: string, object?: unknown): Promise<Answer> {
  const { status, body } = await request(await readKubeconfig(cluster.kubeconfig), method, path, object);
  return body.startsWith("{") ? { ...(JSON.parse(body) as Answer), status } : { status, message: body };
}

function pathOf({ group, versions, plural, scope }: Resource): string {
  return `/apis/${group}/${versions[0]?.name ?? ""}${scope === "Namespaced" ? "/namespaces/default" : ""}/${plural}`;
}

function objectOf({ group, versions, kind }: Resource, spec: Json): { readonly spec: Json } {
  return { apiVersion: `${group}/${versions[0]?.name ?? ""}`, kind, metadata: { name: "sample" }, spec } as { readonly spec: Json };
}

/** What the server holds against an object, one line for each cause, sorted; none when it takes it. */
function causes(answer: Answer): string[] {
  if (answer.status === 200 || answer.status === 201) return [];
  expect(answer).toMatchObject({ status: 422 });
  return (answer.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`).sort();
}

async function served(resource: Resource): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if ((await send("GET", pathOf(resource))).status === 200) return;
    await setTimeout(50);
  }
  throw new Error(`${resource.kind} is not served`);
}

interface Difference {
  readonly kind: string;
  readonly sent: readonly Json[];
  /** What only one of the two says. */
  readonly server: readonly string[];
  readonly local: readonly string[];
}

function differences(kind: string, sent: readonly Json[], local: readonly string[], server: readonly string[]): Difference[] {
  const [ours, theirs] = [local.filter((each) => !server.includes(each)), server.filter((each) => !local.includes(each))];
  return ours.length + theirs.length === 0 && local.length === server.length ? [] : [{ kind, sent, server: theirs, local: ours }];
}

test("whatever is created is taken or refused by both, for the same reasons", async () => {
  const found: Difference[] = [];
  for (const resource of resources) {
    await served(resource);
    const schema = resource.versions[0]?.schema.properties?.["spec"] ?? {};
    const own = compile(resource);
    const specs = fc.sample(valueOf(schema), { numRuns: 12, seed: 20_261_126 });
    for (const spec of specs) {
      const object = objectOf(resource, spec);
      const answer = await send("POST", `${pathOf(resource)}?dryRun=All&fieldValidation=Ignore`, object);
      found.push(...differences(resource.kind, [spec], messagesOf(own, object), causes(answer)));
    }
  }
  expect(found).toEqual([]);
}, 240_000);

test("whatever takes the place of another is taken or refused by both, for the same reasons", async () => {
  let compared = 0;
  const found: Difference[] = [];
  for (const resource of resources.slice(-Object.keys(ruled).length)) {
    const schema = resource.versions[0]?.schema.properties?.["spec"] ?? {};
    const own = compile(resource);
    const valid = fc
      .sample(valueOf(schema, 1000), { numRuns: 60, seed: 1 })
      .filter((spec) => own.errors(objectOf(resource, spec)).length === 0);
    for (const spec of valid.slice(0, 6)) {
      const created = await send("POST", `${pathOf(resource)}?fieldValidation=Ignore`, objectOf(resource, spec));
      expect([resource.kind, spec, created.message]).toEqual([resource.kind, spec, undefined]);
      for (const next of fc.sample(valueOf(schema, 30), { numRuns: 12, seed: 2 })) {
        const metadata = { name: "sample", resourceVersion: created.metadata?.resourceVersion };
        const object = { ...objectOf(resource, next), metadata };
        const answer = await send("PUT", `${pathOf(resource)}/sample?dryRun=All&fieldValidation=Ignore`, object);
        found.push(...differences(resource.kind, [spec, next], messagesOf(own, object, objectOf(resource, spec)), causes(answer)));
        compared++;
      }
      expect((await send("DELETE", `${pathOf(resource)}/sample`)).status).toBe(200);
    }
  }
  expect(found).toEqual([]);
  expect(compared).toBeGreaterThan(300);
}, 240_000);

import { unstructured, type UnstructuredKind, type UnstructuredObject } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../../errors.ts";
import { crdKind } from "../crds.ts";
import type { ConfigurationKind } from "./project.ts";
import { restored, type DevRecord, type Fields, type Parts } from "./record.ts";

/** The annotation with the {@link DevRecord}, and the label by which its objects are found, whose value is the project's name. */
export const mark = "kubescaffold.dev/dev";

/** A sort of object that leads the API server to an operator. */
export interface Sort {
  readonly kind: UnstructuredKind;
  parts(object: UnstructuredObject): Parts;
  withParts(object: UnstructuredObject, parts: Parts): UnstructuredObject;
}

const apiVersion = "admissionregistration.k8s.io/v1";
const conversion = "conversion";

/** cert-manager's: with one of them it would put its own authority beside our URL. */
const injecting = ["cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "cert-manager.io/inject-apiserver-ca"];

/** Each webhook is a part. */
const configurationSort = (kind: ConfigurationKind): Sort => ({
  kind: unstructured({ apiVersion, kind }),
  parts: (object) => new Map(((object["webhooks"] ?? []) as { name: string }[]).map((webhook) => [webhook.name, { ...webhook }])),
  withParts: (object, parts) => ({ ...object, webhooks: [...parts.values()] }),
});

/** How a CRD's objects are converted is its only part. */
const crdSort: Sort = {
  kind: unstructured(crdKind),
  parts: (object) => {
    const { [conversion]: part } = (object["spec"] ?? {}) as { [conversion]?: Fields };
    return new Map(part && [[conversion, part]]);
  },
  withParts: (object, parts) => ({ ...object, spec: { ...(object["spec"] as Fields), [conversion]: parts.get(conversion) } }),
};

export const sorts: { readonly [Kind in ConfigurationKind | "CustomResourceDefinition"]: Sort } = {
  MutatingWebhookConfiguration: configurationSort("MutatingWebhookConfiguration"),
  ValidatingWebhookConfiguration: configurationSort("ValidatingWebhookConfiguration"),
  CustomResourceDefinition: crdSort,
};

export function conversionPart(fields: Fields): Parts {
  return new Map([[conversion, fields]]);
}

/** The record in an object, if it has one. */
export function recordOf(object: UnstructuredObject): DevRecord | undefined {
  const text = object.metadata.annotations?.[mark];
  if (text === undefined) return undefined;
  try {
    // Written by a `scaffold dev`, and nobody else has a reason to write it.
    return JSON.parse(text) as DevRecord;
  } catch (cause) {
    const target = `${object.kind.toLowerCase()} ${object.metadata.name ?? ""}`;
    throw new ScaffoldError(
      "conflict",
      `The annotation ${mark} of ${target} has been edited, so it cannot be restored: run kubectl annotate ${target} ${mark}- and deploy the operator again.`,
      { cause },
    );
  }
}

/** The object with a record in it, and without what others would act upon. */
export function marked(object: UnstructuredObject, project: string, record: DevRecord): UnstructuredObject {
  const { metadata } = object;
  const labels = { ...metadata.labels, [mark]: project };
  return { ...object, metadata: { ...metadata, labels, annotations: { ...metadata.annotations, [mark]: JSON.stringify(record) } } };
}

/** The object as it would be without us, its record left out. */
export function unmarked(sort: Sort, object: UnstructuredObject, record: DevRecord | undefined): UnstructuredObject {
  if (record === undefined) return object;
  const { [mark]: _record, ...annotations } = { ...record.annotations, ...object.metadata.annotations };
  const { [mark]: _project, ...labels } = object.metadata.labels ?? {};
  return sort.withParts({ ...object, metadata: { ...object.metadata, annotations, labels } }, restored(sort.parts(object), record));
}

/** Takes off the annotations that would make others write into what is led here; returns them too. */
export function withoutInjection(object: UnstructuredObject): { object: UnstructuredObject; annotations: Record<string, string> } {
  const entries = Object.entries(object.metadata.annotations ?? {});
  const taken = entries.filter(([name]) => injecting.includes(name));
  const left = Object.fromEntries(entries.filter(([name]) => !injecting.includes(name)));
  return { object: { ...object, metadata: { ...object.metadata, annotations: left } }, annotations: Object.fromEntries(taken) };
}

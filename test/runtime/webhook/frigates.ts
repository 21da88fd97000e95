import type { KubernetesObject, UnstructuredKind } from "../../../runtime/object/index.ts";
import type { Converter } from "../../../runtime/webhook/index.ts";

/** The hub. */
export interface Frigate extends KubernetesObject {
  spec?: { guns: { count: number; caliber?: string }; crew?: string[]; flags?: Record<string, string> };
  status?: { launched?: string };
}

/** An older version: fewer fields, in other forms. */
export interface FrigateV1beta1 extends KubernetesObject {
  spec?: { guns: number; crew?: string };
  status?: { launched?: string };
}

export const FrigateKind = {
  apiVersion: "ships.io/v1",
  kind: "Frigate",
  is: (object: unknown): object is Frigate =>
    typeof object === "object" && object !== null && "kind" in object && object.kind === "Frigate",
} satisfies UnstructuredKind & { is: unknown };

const KEPT = "ships.io/v1";

/** What only the hub can say. */
interface Kept {
  caliber?: string | undefined;
  crew?: string[] | undefined;
  flags?: Record<string, string> | undefined;
  /** Whether there were other annotations. */
  annotated?: boolean;
}

/** Keeps the hub's own fields in an annotation. */
export const careful: Converter<Frigate> = {
  spokes: {
    v1beta1: {
      toHub({ metadata, spec, status }: FrigateV1beta1) {
        const { [KEPT]: kept, ...annotations } = metadata?.annotations ?? {};
        const own = JSON.parse(kept ?? "{}") as Kept;
        const crew = own.crew ?? spec?.crew?.split(",");
        const guns = spec && { count: spec.guns, ...(own.caliber !== undefined && { caliber: own.caliber }) };
        return {
          ...(guns && { spec: { guns, ...(crew && { crew }), ...(own.flags && { flags: own.flags }) } }),
          ...(status && { status }),
          // An annotation that was put in alone goes with the whole field.
          ...(kept !== undefined && {
            metadata: { annotations: own.annotated ? annotations : undefined } as FrigateV1beta1["metadata"] & object,
          }),
        };
      },
      fromHub({ metadata, spec, status }) {
        const crew = spec?.crew?.join(",");
        const own: Kept = {
          caliber: spec?.guns.caliber,
          crew: spec?.crew,
          flags: spec?.flags,
          annotated: metadata?.annotations !== undefined,
        };
        const told = own.crew === undefined || (own.crew.length > 0 && own.crew.every((name) => /^[a-z]+$/.test(name)));
        const plain = own.caliber === undefined && own.flags === undefined && told;
        return {
          ...(spec && { spec: { guns: spec.guns.count, ...(crew !== undefined && { crew }) } }),
          ...(status && { status }),
          ...(!plain && { metadata: { annotations: { ...metadata?.annotations, [KEPT]: JSON.stringify(own) } } }),
        };
      },
    },
  },
};

/** Forgets what the older version has no field for. */
export const careless: Converter<Frigate> = {
  spokes: {
    v1beta1: {
      toHub: ({ spec, status }: FrigateV1beta1) => ({ ...(spec && { spec: { guns: { count: spec.guns } } }), ...(status && { status }) }),
      fromHub: ({ spec, status }) => ({ ...(spec && { spec: { guns: spec.guns.count } }), ...(status && { status }) }),
    },
  },
};

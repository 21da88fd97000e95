import { notAcceptable } from "../errors.ts";

/** In what form objects are answered. */
export interface Form {
  readonly view: "object" | "partial" | "table";
  readonly encoding: "json" | "yaml";
}

const AS: Readonly<Record<string, Form["view"]>> = { Table: "table", PartialObjectMetadata: "partial", PartialObjectMetadataList: "partial" };

/** Chooses the form that an Accept header asks for first among those that are served. Throws StatusFailure 406. */
export function negotiate(accept: string | undefined, { streaming = false } = {}): Form {
  if (accept === undefined || accept === "" || accept === "*/*" || accept === "application/json") return { view: "object", encoding: "json" };
  for (const clause of clauses(accept)) {
    const encoding = encodingOf(clause.type, streaming);
    if (encoding === undefined) continue;
    const { as, g, v } = clause.parameters;
    if (as === undefined) return { view: "object", encoding };
    const view = AS[as];
    if (view !== undefined && g === "meta.k8s.io" && (v === "v1" || v === "v1beta1")) return { view, encoding };
  }
  throw notAcceptable(streaming);
}

function encodingOf(type: string, streaming: boolean): Form["encoding"] | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  return type === "application/yaml" && !streaming ? "yaml" : undefined;
}

interface Clause {
  readonly type: string;
  readonly quality: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The parts of an Accept header, the best first, equal ones in their order. */
export function clauses(accept: string): Clause[] {
  return accept
    .split(",")
    .map((text): Clause => {
      const [type = "", ...rest] = text.split(";").map((part) => part.trim());
      const parameters: Record<string, string> = {};
      for (const part of rest) {
        const [key = "", value = ""] = part.split("=", 2);
        parameters[key] = value;
      }
      return { type, quality: Number(parameters["q"] ?? 1), parameters };
    })
    .sort((left, right) => right.quality - left.quality);
}

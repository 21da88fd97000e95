import { failure, notAcceptable, notAcceptableForm } from "../errors.ts";

/** In what form objects are answered. */
export interface Form {
  readonly view: "object" | "partial" | "table";
  readonly encoding: "json" | "yaml";
}

/** What is asked for. */
export interface Asked {
  readonly streaming?: boolean;
  readonly isList?: boolean;
  /** Kind of the object, for messages. */
  readonly kind?: string;
}

const PLAIN: Form = { view: "object", encoding: "json" };

/** Chooses the form that an Accept header asks for first among those that are served. Throws StatusFailure 406. */
export function negotiate(accept: string | undefined, { streaming = false, isList = false, kind = "" }: Asked = {}): Form {
  if (accept === undefined || accept === "" || accept === "*/*" || accept === "application/json") return PLAIN;
  let knowsType = false;
  for (const clause of clauses(accept)) {
    const encoding = encodingOf(clause.type);
    if (encoding === undefined) continue;
    if (streaming && encoding === "yaml") throw notAcceptableForm(true);
    knowsType = true;
    const { as, g, v } = clause.parameters;
    if (as === undefined) return { view: "object", encoding };
    if (g !== "meta.k8s.io" || v !== "v1") continue;
    if (as === "Table") return { view: "table", encoding };
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") {
      if (!streaming && isList !== (as === "PartialObjectMetadataList")) throw wrongCardinality(as, isList, kind);
      return { view: "partial", encoding };
    }
  }
  throw knowsType ? notAcceptableForm(false) : notAcceptable();
}

function wrongCardinality(as: string, isList: boolean, kind: string): Error {
  const what = isList ? `is a list (*core.${kind}List)` : `is not a list (*core.${kind})`;
  return failure(406, "NotAcceptable", `you requested ${as}, but the requested object ${what}`);
}

function encodingOf(type: string): Form["encoding"] | undefined {
  if (type === "application/json" || type === "*/*" || type === "application/*") return "json";
  return type === "application/yaml" ? "yaml" : undefined;
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

// Derived from harbour.types.ts by `scaffold generate`: change the types, not this file.
import { createTypeMetaGuard, Model, type ModelData, type TypeMetaGuard } from "@kubernetes-models/base";
import { findViolations } from "./harbour.schema.ts";
import type { Harbour as HarbourType } from "./harbour.types.ts";

/**
 * A place for ships, for the whole cluster.
 *
 * This is the plain object, as the API server sends it.
 */
export interface IHarbour extends HarbourType {
  apiVersion: "fleet.ships.io/v1";
  kind: "Harbour";
}

/** A place for ships, for the whole cluster. */
export class Harbour extends Model<IHarbour> implements IHarbour {
  static readonly apiVersion: IHarbour["apiVersion"] = "fleet.ships.io/v1";
  static readonly kind: IHarbour["kind"] = "Harbour";
  /** Whether a value is an object of this kind and version; its fields are not looked at. */
  static readonly is: TypeMetaGuard<IHarbour> = createTypeMetaGuard(Harbour);

  declare apiVersion: IHarbour["apiVersion"];
  declare kind: IHarbour["kind"];
  declare metadata: IHarbour["metadata"];
  declare spec: IHarbour["spec"];

  constructor(data?: ModelData<IHarbour>) {
    super();
    this.apiVersion = Harbour.apiVersion;
    this.kind = Harbour.kind;
    this.setDefinedProps(data);
  }

  /** A new object with the examples and defaults of the types. */
  static get example(): Harbour {
    return new Harbour({
      metadata: { name: "harbour-sample" },
      spec: { country: "AA", depth: 1, open: false },
    });
  }

  /** Fills in the defaults of absent fields, as the API server does. Changes the object and returns it. */
  static default<T extends ModelData<IHarbour>>(object: T): T {
    // The types have no defaults.
    return object;
  }

  /**
   * Checks the object against its schema, but for CEL rules.
   *
   * @throws an error named ValidationError whose message is the API server's, and whose `errors` (Violation[]) name each field.
   */
  override validate(): void {
    const errors = findViolations(this);
    if (errors.length === 0) return;
    const reasons = errors.map(({ message }) => message).join(", ");
    const message = `Harbour.fleet.ships.io "${this.metadata.name ?? ""}" is invalid: ${errors.length > 1 ? `[${reasons}]` : reasons}`;
    throw Object.assign(new Error(message), { name: "ValidationError", errors });
  }
}

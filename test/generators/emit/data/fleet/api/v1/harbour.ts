// Derived from harbour.types.ts by `scaffold generate`: change the types, not this file.
import { createTypeMetaGuard, Model, type ModelData, type TypeMetaGuard } from "@kubernetes-models/base";
import { harbourSchema } from "./harbour.schema.ts";
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
   * Checks the object as the API server would if it were created: against its schema and its CEL rules.
   *
   * @throws ValidationError with the API server's message, and `errors` that name each field
   */
  override validate(): void {
    harbourSchema.validate(this);
  }

  /**
   * Checks the object as the API server would if it took the place of `old`: what was wrong before and is unchanged is tolerated, and
   * rules may compare the two.
   *
   * @throws ValidationError with the API server's message, and `errors` that name each field
   */
  validateUpdate(old: IHarbour): void {
    harbourSchema.validate(this, old);
  }
}

// Derived from frigate.types.ts by `scaffold generate`: change the types, not this file.
import { createTypeMetaGuard, Model, type ModelData, type TypeMetaGuard } from "@kubernetes-models/base";
import { frigateSchema } from "./frigate.schema.ts";
import type { Frigate as FrigateType } from "./frigate.types.ts";

/**
 * A ship of the fleet.
 *
 * This is the plain object, as the API server sends it.
 */
export interface IFrigate extends FrigateType {
  apiVersion: "fleet.ships.io/v1beta1";
  kind: "Frigate";
}

/** A ship of the fleet. */
export class Frigate extends Model<IFrigate> implements IFrigate {
  static readonly apiVersion: IFrigate["apiVersion"] = "fleet.ships.io/v1beta1";
  static readonly kind: IFrigate["kind"] = "Frigate";
  /** Whether a value is an object of this kind and version; its fields are not looked at. */
  static readonly is: TypeMetaGuard<IFrigate> = createTypeMetaGuard(Frigate);

  declare apiVersion: IFrigate["apiVersion"];
  declare kind: IFrigate["kind"];
  declare metadata: IFrigate["metadata"];
  declare spec: IFrigate["spec"];

  constructor(data?: ModelData<IFrigate>) {
    super();
    this.apiVersion = Frigate.apiVersion;
    this.kind = Frigate.kind;
    this.setDefinedProps(data);
  }

  /** A new object with the examples and defaults of the types. */
  static get example(): Frigate {
    return new Frigate({ metadata: { name: "frigate-sample" }, spec: {} });
  }

  /** Fills in the defaults of absent fields, as the API server does. Changes the object and returns it. */
  static default<T extends ModelData<IFrigate>>(object: T): T {
    // The types have no defaults.
    return object;
  }

  /**
   * Checks the object as the API server would if it were created: against its schema and its CEL rules.
   *
   * @throws ValidationError with the API server's message, and `errors` that name each field
   */
  override validate(): void {
    frigateSchema.validate(this);
  }

  /**
   * Checks the object as the API server would if it took the place of `old`: what was wrong before and is unchanged is tolerated, and
   * rules may compare the two.
   *
   * @throws ValidationError with the API server's message, and `errors` that name each field
   */
  validateUpdate(old: IFrigate): void {
    frigateSchema.validate(this, old);
  }
}

// Derived from memcached.types.ts by `scaffold generate`: change the types, not this file.
import { createTypeMetaGuard, Model, type ModelData, type TypeMetaGuard } from "@kubernetes-models/base";
import { memcachedSchema } from "./memcached.schema.ts";
import type { Memcached as MemcachedType } from "./memcached.types.ts";

/**
 * Memcached is a group of memcached servers.
 *
 * This is the plain object, as the API server sends it.
 */
export interface IMemcached extends MemcachedType {
  apiVersion: "cache.example.com/v1alpha1";
  kind: "Memcached";
}

/** Memcached is a group of memcached servers. */
export class Memcached extends Model<IMemcached> implements IMemcached {
  static readonly apiVersion: IMemcached["apiVersion"] = "cache.example.com/v1alpha1";
  static readonly kind: IMemcached["kind"] = "Memcached";
  /** Whether a value is an object of this kind and version; its fields are not looked at. */
  static readonly is: TypeMetaGuard<IMemcached> = createTypeMetaGuard(Memcached);

  declare apiVersion: IMemcached["apiVersion"];
  declare kind: IMemcached["kind"];
  declare metadata: IMemcached["metadata"];
  declare spec: IMemcached["spec"];
  declare status?: Exclude<IMemcached["status"], undefined>;

  constructor(data?: ModelData<IMemcached>) {
    super();
    this.apiVersion = Memcached.apiVersion;
    this.kind = Memcached.kind;
    this.setDefinedProps(data);
  }

  /** A new object with the examples and defaults of the types. */
  static get example(): Memcached {
    return new Memcached({
      metadata: { name: "memcached-sample" },
      spec: { size: 3, containerPort: 11211 },
    });
  }

  /** Fills in the defaults of absent fields, as the API server does. Changes the object and returns it. */
  static default<T extends ModelData<IMemcached>>(object: T): T {
    memcachedSchema.applyDefaults(object);
    return object;
  }

  /**
   * Checks the object as the API server would if it were created: against its schema and its CEL rules.
   *
   * @throws ValidationError with the API server's message, and `errors` that name each field
   */
  override validate(): void {
    memcachedSchema.validate(this);
  }

  /**
   * Checks the object as the API server would if it took the place of `old`: what was wrong before and is unchanged is tolerated, and
   * rules may compare the two.
   *
   * @throws ValidationError with the API server's message, and `errors` that name each field
   */
  validateUpdate(old: IMemcached): void {
    memcachedSchema.validate(this, old);
  }
}

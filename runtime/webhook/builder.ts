import type { KindToken, ObjectOf } from "../object/index.ts";
import { mutatePath, validatePath, type Defaulter, type Validator } from "./admission/index.ts";
import type { Converter } from "./conversion/index.ts";
import type { MutatingWebhookOptions, WebhookOptions } from "./options.ts";
import type { WebhookServer } from "./server/index.ts";

/** Where a kind's webhooks are served. Several kinds may share a path. */
export interface WebhookPaths {
  /** Default as controller-runtime names it: `/mutate-apps-v1-deployment`. */
  mutate?: string;
  /** Default as controller-runtime names it: `/validate-apps-v1-deployment`. */
  validate?: string;
}

/**
 * Wires the webhooks of a kind. The options say how the API server is to ask them: `scaffold generate` writes `config/webhook` from them.
 *
 * @example
 * manager.webhook(Memcached).defaultWith(new MemcachedDefaulter()).validateWith(new MemcachedValidator(), { timeoutSeconds: 5 });
 */
export class WebhookBuilder<K extends KindToken> {
  readonly #server: WebhookServer;
  readonly #kind: K;
  readonly #paths: WebhookPaths;

  constructor(server: WebhookServer, kind: K, paths: WebhookPaths = {}) {
    this.#server = server;
    this.#kind = kind;
    this.#paths = paths;
  }

  /** Fills in defaults. Several defaulters go in this order, each with what the one before it made of the object. */
  defaultWith(defaulter: Defaulter<ObjectOf<K>>, _options?: MutatingWebhookOptions): this {
    this.#server.mutate(this.#paths.mutate ?? mutatePath(this.#kind), this.#kind, defaulter);
    return this;
  }

  /** Checks objects. Of several validators all have to agree. */
  validateWith(validator: Validator<ObjectOf<K>>, _options?: WebhookOptions): this {
    this.#server.validate(this.#paths.validate ?? validatePath(this.#kind), this.#kind, validator);
    return this;
  }

  /** Converts between the versions of the kind, of which this one is the hub. Served at `/convert`. */
  convertWith(converter: Converter<ObjectOf<K>>): this {
    this.#server.convert(this.#kind, converter);
    return this;
  }
}

// yours: what is added to Pods, and where that is written.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import type { Client, Logger } from "@kubescaffold/runtime";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { readYaml } from "./yaml.ts";

/** The ConfigMap of the template: `template` of config/manager, with the prefix and in the namespace of config/default. */
export const TEMPLATE = { namespace: "sidecar-injector-system", name: "sidecar-injector-template" } as const;

/** Under which key it is there. */
const KEY = "template.yaml";

/** A container or a volume, of which only the name matters here. */
export interface Named {
  name: string;
}

const LISTS = ["initContainers", "containers", "volumes"] as const;

/** What is added to a Pod's spec. */
export type Template = Readonly<Record<(typeof LISTS)[number], readonly Named[]>>;

/**
 * Reads a template: a YAML map of the lists `initContainers`, `containers` and `volumes`, each optional, or the ConfigMap that has it.
 *
 * @throws Error that says what is wrong
 */
export function readTemplate(text: string): Template {
  const documents = readYaml(text).flatMap(({ value }) => (value === null ? [] : [value]));
  const [value] = documents;
  if (documents.length !== 1 || !isMap(value)) throw new Error(`a template is one map with ${LISTS.join(", ")}`);
  if (value["kind"] === ConfigMap.kind) return readTemplate(textIn(value));
  const odd = Object.keys(value).find((key) => !LISTS.some((list) => list === key));
  if (odd !== undefined) throw new Error(`a template has ${LISTS.join(", ")}, but no ${odd}`);
  const lists = LISTS.map((list) => [list, namedItems(list, value[list] ?? [])] as const);
  if (lists.every(([, items]) => items.length === 0)) throw new Error("the template is empty");
  return Object.fromEntries(lists) as unknown as Template;
}

function namedItems(list: string, items: unknown): Named[] {
  if (!Array.isArray(items)) throw new Error(`${list} of the template is no list`);
  return items.map((item: unknown, index) => {
    if (!isNamed(item)) throw new Error(`${list}[${index}] of the template has no name`);
    return item;
  });
}

function textIn({ data }: { data?: unknown }): string {
  const text = isMap(data) ? data[KEY] : undefined;
  if (typeof text !== "string") throw new Error(`the ConfigMap has no ${KEY}`);
  return text;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is Named {
  return isMap(value) && typeof value["name"] === "string";
}

/** The text of a template, as it is now. */
export type TemplateText = () => Promise<string>;

export function fromFile(path: string): TemplateText {
  return () => readFile(path, "utf8");
}

/** The text in the ConfigMap {@link TEMPLATE}: at no cost where that is in the client's cache. */
export function fromConfigMap(client: Client): TemplateText {
  return async () => {
    const map = await client.get(ConfigMap, TEMPLATE);
    if (map === undefined) throw new Error(`there is no ConfigMap ${TEMPLATE.name} in ${TEMPLATE.namespace}`);
    return textIn(map);
  };
}

/** Follows a template: what it is now, or, while that cannot be read or is wrong, what it was when it was right last. */
export class Templates {
  readonly #read: TemplateText;
  readonly #log: Logger;
  #good: { readonly text: string; readonly template: Template } | undefined;
  /** What is wrong, once it has been told. */
  #told: string | undefined;

  constructor(read: TemplateText, log: Logger) {
    this.#read = read;
    this.#log = log;
  }

  /** @throws Error when there has not been a right one yet */
  async current(): Promise<Template> {
    try {
      const text = await this.#read();
      if (text !== this.#good?.text) {
        const template = readTemplate(text);
        this.#good = { text, template };
        this.#log.info("there is a template", Object.fromEntries(LISTS.map((list) => [list, template[list].map(({ name }) => name)])));
      }
      this.#told = undefined;
      return this.#good.template;
    } catch (error) {
      if (this.#good === undefined) throw error;
      if (this.#told !== String(error)) this.#log.error("the template is wrong; the one before it stays", error);
      this.#told = String(error);
      return this.#good.template;
    }
  }
}

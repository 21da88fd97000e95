import { Document, isMap, isSeq, LineCounter, parseDocument } from "yaml";
import { type ChangeSet, type FileClass, type FileRecord } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";
import { checkDomain, checkGroup, checkKind, checkPlural, checkProjectName, checkVersion } from "./names.ts";
import { checkDescriptionLength, checkOutputPath, checkWebhookCertificates, type Outputs } from "./outputs.ts";
import { sameKind, webhookTypes, type WebhookEntry } from "./webhook-entry.ts";

export const projectFileName = "PROJECT";
const currentLayout = "kubescaffold/v1";

const heading = ` shared: what kubescaffold has generated in this project, and with which answers. Keep it in version control.
 A file of the class "yours" is left alone as soon as its text differs from the hash.`;

/** One kind in one version. `path` and `controllerPath` are folders; a second group has folders of its own. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Whether this project reconciles it. */
  readonly controller: boolean;
  /** The folder of its `.types.ts` file, such as `api/v1alpha1`. */
  readonly path: string;
}

export type License = "apache2" | "mit" | "none";

/** The answers given to `init`. */
export interface ProjectAnswers {
  readonly domain: string;
  readonly projectName: string;
  readonly owner?: string;
  readonly license: License;
}

/**
 * The PROJECT file of a project: what has been scaffolded, with which answers. Comments and the order of
 * what people wrote into it stay as they are.
 */
export class ProjectFile {
  readonly #document: Document;
  readonly answers: ProjectAnswers;
  readonly #resources: Resource[];
  readonly #files: Map<string, FileRecord>;
  readonly #webhooks: WebhookEntry[];
  #outputs: Outputs;

  private constructor(
    document: Document,
    answers: ProjectAnswers,
    resources: Resource[],
    files: Map<string, FileRecord>,
    webhooks: WebhookEntry[],
    outputs: Outputs,
  ) {
    this.#document = document;
    this.answers = answers;
    this.#resources = resources;
    this.#files = files;
    this.#webhooks = webhooks;
    this.#outputs = outputs;
  }

  static create(answers: ProjectAnswers): ProjectFile {
    const { domain, projectName, owner, license } = answers;
    const document = new Document({
      layout: currentLayout,
      domain,
      projectName,
      ...(owner === undefined ? {} : { owner }),
      license,
      resources: [],
      files: {},
    });
    document.commentBefore = heading;
    return new ProjectFile(document, answers, [], new Map(), [], {});
  }

  /**
   * Reads the PROJECT file of a change set.
   *
   * @throws ScaffoldError `no-project` when there is none, `corrupt-project` with line and column when it cannot be used
   */
  static read(set: ChangeSet): ProjectFile {
    const text = set.read(projectFileName);
    if (text === undefined) {
      throw new ScaffoldError(
        "no-project",
        `There is no PROJECT file in ${set.root}: go to a project's folder, or start one in an empty folder with "scaffold init".`,
      );
    }
    const counter = new LineCounter();
    const document = parseDocument(text, { lineCounter: counter });
    const [error] = document.errors;
    if (error) {
      const { line, col } = counter.linePos(error.pos[0]);
      throw corrupt(`${projectFileName}:${line}:${col}`, `is not YAML (${firstLine(error.message)})`);
    }
    if (!isMap(document.contents)) throw corrupt(projectFileName, "is not a YAML map");
    const reader = new Reader(document.toJS());
    const layout = reader.text("layout");
    if (layout !== currentLayout) {
      throw corrupt(projectFileName, `has the layout ${JSON.stringify(layout)}, and this version of kubescaffold writes ${currentLayout}`);
    }
    const owner = reader.optionalText("owner");
    const answers: ProjectAnswers = {
      domain: reader.checked("domain", checkDomain),
      projectName: reader.checked("projectName", checkProjectName),
      ...(owner === undefined ? {} : { owner }),
      license: reader.license(),
    };
    return new ProjectFile(document, answers, reader.resources(), reader.files(), reader.webhooks(), reader.outputs());
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  /** The webhooks that commands have written, each kind once. */
  get webhooks(): readonly WebhookEntry[] {
    return this.#webhooks;
  }

  /** Adds the webhooks of a kind, or replaces them. */
  setWebhook(entry: WebhookEntry): void {
    const found = this.#webhooks.findIndex((other) => sameKind(other, entry));
    const index = found === -1 ? this.#webhooks.length : found;
    this.#webhooks[index] = entry;
    if (!this.#document.has("webhooks")) this.#document.set("webhooks", this.#document.createNode([]));
    const node = this.#document.createNode(entry);
    const types = node.get("types");
    if (isSeq(types)) types.flow = true;
    this.#document.setIn(["webhooks", index], node);
  }

  /** The records of all generated files, by path. */
  get files(): ReadonlyMap<string, FileRecord> {
    return this.#files;
  }

  /** What `generate` writes besides, or otherwise. */
  get outputs(): Outputs {
    return this.#outputs;
  }

  setOutputs(outputs: Outputs): void {
    if (JSON.stringify(outputs) === JSON.stringify(this.#outputs)) return;
    this.#outputs = outputs;
    if (Object.keys(outputs).length === 0) this.#document.delete("generate");
    else this.#document.set("generate", this.#document.createNode(outputs));
  }

  /** Adds a resource, or replaces the one with the same group, version and kind. */
  setResource(resource: Resource): void {
    const index = this.#resources.findIndex((other) => sameResource(other, resource));
    this.#document.setIn(["resources", index === -1 ? this.#resources.length : index], this.#document.createNode(resource));
    if (index === -1) this.#resources.push(resource);
    else this.#resources[index] = resource;
  }

  setFile(path: string, record: FileRecord): void {
    const known = this.#files.get(path);
    if (known?.class === record.class && known.hash === record.hash) return;
    this.#files.set(path, record);
    this.#document.setIn(["files", path], this.#document.createNode(record, { flow: true }));
  }

  removeFile(path: string): void {
    if (this.#files.delete(path)) this.#document.deleteIn(["files", path]);
  }

  /** The file's text, files sorted by path so that two branches rarely touch the same line. */
  toString(): string {
    const files = this.#document.get("files");
    if (isMap(files)) {
      files.flow = false;
      files.items.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
    }
    const resources = this.#document.get("resources");
    if (typeof resources === "object" && resources !== null && "flow" in resources) resources.flow = this.#resources.length === 0;
    return this.#document.toString({ lineWidth: 0 });
  }
}

export function sameResource(a: Pick<Resource, "group" | "version" | "kind">, b: Pick<Resource, "group" | "version" | "kind">): boolean {
  return a.group === b.group && a.version === b.version && a.kind === b.kind;
}

/** Turns parsed YAML into typed values; everything unexpected is one error that names the key. */
class Reader {
  readonly #value: unknown;
  readonly #at: string;

  constructor(value: unknown, at = "") {
    this.#value = value;
    this.#at = at;
  }

  #get(key: string): unknown {
    return isRecord(this.#value) ? this.#value[key] : undefined;
  }

  #fail(key: string, problem: string): ScaffoldError {
    return corrupt(projectFileName, `has ${this.#at}${key} ${problem}`);
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value !== "string") throw this.#fail(key, value === undefined ? "missing" : "that is not text");
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.#get(key) === undefined ? undefined : this.text(key);
  }

  flag(key: string): boolean {
    const value = this.#get(key);
    if (typeof value !== "boolean") throw this.#fail(key, value === undefined ? "missing" : "that is neither true nor false");
    return value;
  }

  checked(key: string, check: (text: string) => string): string {
    const text = this.text(key);
    try {
      return check(text);
    } catch (error) {
      if (error instanceof ScaffoldError) throw this.#fail(key, `${JSON.stringify(text)} that is not valid`);
      throw error;
    }
  }

  license(): License {
    const value = this.optionalText("license") ?? "none";
    if (value !== "apache2" && value !== "mit" && value !== "none") throw this.#fail("license", "that is not apache2, mit or none");
    return value;
  }

  resources(): Resource[] {
    const list = this.#get("resources") ?? [];
    if (!Array.isArray(list)) throw this.#fail("resources", "that is not a list");
    return list.map((entry: unknown, index) => {
      const item = new Reader(entry, `resources[${index}].`);
      return {
        group: item.checked("group", checkGroup),
        version: item.checked("version", checkVersion),
        kind: item.checked("kind", checkKind),
        plural: item.checked("plural", checkPlural),
        namespaced: item.flag("namespaced"),
        controller: item.flag("controller"),
        path: item.checked("path", apiFolder),
      };
    });
  }

  webhooks(): WebhookEntry[] {
    const list = this.#get("webhooks") ?? [];
    if (!Array.isArray(list)) throw this.#fail("webhooks", "that is not a list");
    return list.map((entry: unknown, index) => {
      const item = new Reader(entry, `webhooks[${index}].`);
      const types = item.#get("types");
      if (!Array.isArray(types) || !types.every((type: unknown) => (webhookTypes as readonly unknown[]).includes(type)))
        throw item.#fail("types", `that are not some of ${webhookTypes.join(", ")}`);
      return {
        group: item.checked("group", (group) => (group === "" ? group : checkGroup(group))),
        version: item.checked("version", checkVersion),
        kind: item.text("kind"),
        types: webhookTypes.filter((type) => types.includes(type)),
      };
    });
  }

  files(): Map<string, FileRecord> {
    const map = this.#get("files") ?? {};
    if (!isRecord(map)) throw this.#fail("files", "that is not a map");
    return new Map(
      Object.keys(map).map((path) => {
        const item = new Reader(map[path], `files[${JSON.stringify(path)}].`);
        const hash = item.optionalText("hash");
        return [path, { class: item.fileClass(), ...(hash === undefined ? {} : { hash }) }];
      }),
    );
  }

  outputs(): Outputs {
    const value = this.#get("generate") ?? {};
    if (!isRecord(value)) throw this.#fail("generate", "that is not a map");
    const item = new Reader(value, "generate.");
    const length = item.#get("maxDescriptionLength");
    const maxDescriptionLength =
      length === undefined ? undefined : item.#valid("maxDescriptionLength", () => checkDescriptionLength(JSON.stringify(length)));
    const path = (key: string): string | undefined => {
      const text = item.optionalText(key);
      return text === undefined ? undefined : item.#valid(key, () => checkOutputPath(text));
    };
    const [jsonSchema, openapi] = [path("jsonSchema"), path("openapi")];
    const source = item.optionalText("webhookCertificates");
    const webhookCertificates =
      source === undefined ? undefined : item.#valid("webhookCertificates", () => checkWebhookCertificates(source));
    return {
      ...(maxDescriptionLength === undefined ? {} : { maxDescriptionLength }),
      ...(jsonSchema === undefined ? {} : { jsonSchema }),
      ...(openapi === undefined ? {} : { openapi }),
      ...(webhookCertificates === undefined ? {} : { webhookCertificates }),
    };
  }

  #valid<T>(key: string, check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (error instanceof ScaffoldError) throw this.#fail(key, "that is not valid");
      throw error;
    }
  }

  fileClass(): FileClass {
    const value = this.text("class");
    if (value !== "derived" && value !== "yours" && value !== "shared") throw this.#fail("class", "that is not derived, yours or shared");
    return value;
  }
}

/** `api/<version>` or `api/<group>/<version>`; a PROJECT that says otherwise must not lead anywhere else. */
function apiFolder(path: string): string {
  if (!/^api(\/[a-z0-9]([-.a-z0-9]*[a-z0-9])?){1,2}$/.test(path)) throw new ScaffoldError("bad-name", `${path} is no API folder.`);
  return path;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/ at line \d+, column \d+:?$/, "");
}

function corrupt(where: string, what: string): ScaffoldError {
  return new ScaffoldError(
    "corrupt-project",
    `${where} ${what}: mend it, or take the last good one from version control (git checkout PROJECT).`,
  );
}

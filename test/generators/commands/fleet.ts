import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { stringify } from "yaml";
import { DevWebhooks, type DevWebhooksOptions } from "../../../generators/commands/dev/webhooks/index.ts";
import { realCluster } from "../../../generators/commands/dev/index.ts";
import { certificateFiles, fieldError, unstructured, WebhookServer, type Client } from "@kubescaffold/runtime";
import { silentLogger, systemClock } from "../../../runtime/object/index.ts";
import { careful, FrigateKind } from "../../runtime/webhook/frigates.ts";
import { temporaryFolder } from "../temporary.ts";

/** A project as far as `scaffold dev` looks at its webhooks, and an operator for it in the test's own process. */

export const Mutating = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" });
export const Validating = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" });
export const Lease = unstructured({ apiVersion: "coordination.k8s.io/v1", kind: "Lease" });
export const Crd = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });

export const projectName = "fleet-operator";
export const mutatingName = "fleet-operator-mutating-webhook-configuration";
export const validatingName = "fleet-operator-validating-webhook-configuration";
export const mutateConfigMaps = "mutate.configmaps.v1.fleet.example.com";
export const validateConfigMaps = "validate.configmaps.v1.fleet.example.com";
export const crdName = "frigates.ships.io";

/** A webhook as `scaffold generate` writes it. */
export function webhook(name: string, path: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name,
    clientConfig: { service: { name: "webhook-service", path } },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] }],
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    ...more,
  };
}

export interface Fleet {
  readonly path: string;
  /** Writes config/webhook/manifests.yaml. */
  webhooks(mutating: readonly unknown[], validating: readonly unknown[]): void;
  /** Writes a CRD of two versions, which the operator converts. */
  crd(): void;
  [Symbol.dispose](): void;
}

export function fleet(): Fleet {
  const folder = temporaryFolder();
  const write = (path: string, ...documents: unknown[]): void => {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), documents.map((each) => stringify(each)).join("---\n"));
  };
  write("config/default/kustomization.yaml", { namePrefix: "fleet-operator-" });
  const webhooks: Fleet["webhooks"] = (mutating, validating) =>
    write(
      "config/webhook/manifests.yaml",
      ...(mutating.length === 0 ? [] : [{ ...Mutating, metadata: { name: "mutating-webhook-configuration" }, webhooks: mutating }]),
      ...(validating.length === 0 ? [] : [{ ...Validating, metadata: { name: "validating-webhook-configuration" }, webhooks: validating }]),
    );
  webhooks([webhook(mutateConfigMaps, "/mutate--v1-configmap")], [webhook(validateConfigMaps, "/validate--v1-configmap")]);
  const anything = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const crd = {
    ...Crd,
    metadata: { name: crdName },
    spec: {
      group: "ships.io",
      names: { kind: "Frigate", plural: "frigates", singular: "frigate", listKind: "FrigateList" },
      scope: "Namespaced",
      versions: [
        { name: "v1", served: true, storage: true, schema: anything },
        { name: "v1beta1", served: true, storage: false, schema: anything },
      ],
      conversion: {
        strategy: "Webhook",
        webhook: { clientConfig: { service: { name: "webhook-service", path: "/convert" } }, conversionReviewVersions: ["v1"] },
      },
    },
  };
  return {
    path: folder.path,
    webhooks,
    crd: () => write("config/crd/bases/ships.io_frigates.yaml", crd),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** One life of `scaffold dev`, without its command line. */
export class DevRun {
  readonly webhooks: DevWebhooks;
  readonly said: string[] = [];
  readonly #installCrds: () => Promise<unknown>;
  readonly #stop: () => Promise<void>;
  #operator: WebhookServer | undefined;

  private constructor(webhooks: DevWebhooks, said: string[], installCrds: () => Promise<unknown>, stop: () => Promise<void>) {
    this.webhooks = webhooks;
    this.said = said;
    this.#installCrds = installCrds;
    this.#stop = stop;
  }

  /** Starts it, up to where its webhooks lead here. */
  static async start(project: Fleet, kubeconfig: string, options: Partial<DevWebhooksOptions> = {}): Promise<DevRun> {
    const run = await DevRun.open(project, kubeconfig, options);
    try {
      await run.webhooks.recover();
      await run.restart();
      return run;
    } catch (error) {
      await run.end();
      throw error;
    }
  }

  static async open(project: Fleet, kubeconfig: string, options: Partial<DevWebhooksOptions> = {}): Promise<DevRun> {
    const cluster = await realCluster({ kubeconfig, skipCrds: false });
    const said: string[] = [];
    const stopping = new AbortController();
    const webhooks = new DevWebhooks({
      ...{ cluster, project: project.path, projectName, enabled: true, conversions: true, takeOver: false },
      say: (text) => said.push(text),
      signal: stopping.signal,
      ...options,
    });
    const installCrds = (): Promise<unknown> => cluster.installCrds(project.path, stopping.signal);
    return new DevRun(webhooks, said, installCrds, () => cluster.stop());
  }

  /** The operator ends and starts, as after a change of its sources. */
  async restart(): Promise<void> {
    await this.#installCrds();
    const flags = await this.webhooks.prepare();
    await this.stopOperator();
    if (!flags.includes("--webhook-port=0")) await this.startOperator(flags);
    await this.webhooks.started();
  }

  async startOperator(flags: readonly string[]): Promise<void> {
    const flag = (name: string): string => flags.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3) ?? "";
    const certificates = certificateFiles({ path: flag("webhook-cert-path"), clock: systemClock, log: silentLogger });
    this.#operator = new WebhookServer({ port: Number(flag("webhook-port")), log: silentLogger, certificates })
      .mutate("/mutate--v1-configmap", ConfigMap, {
        default: (object) => void ((object.data ??= {})["by"] = "the operator here"),
      })
      .validate("/validate--v1-configmap", ConfigMap, {
        validateCreate: ({ data }) => (data?.["size"] === "7" ? [fieldError.invalid("data[size]", "7", "must be even")] : []),
      })
      .convert(FrigateKind, careful);
    await this.#operator.start();
  }

  async stopOperator(): Promise<void> {
    await this.#operator?.stop({ grace: 0 });
    this.#operator = undefined;
  }

  async end(): Promise<void> {
    await this.webhooks.close();
    await this.kill();
  }

  /** Ends without having done anything about it; what is in this process all the same is closed. */
  async kill(): Promise<void> {
    await this.stopOperator();
    await this.#stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

/** Creates nothing: what the webhooks make of a ConfigMap. */
export async function ask(client: Client, data: Record<string, string> = {}): Promise<Record<string, string> | undefined> {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "asked", namespace: "default" }, data } as const;
  return (await client.dryRun().create(object)).data;
}

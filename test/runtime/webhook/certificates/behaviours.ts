import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { isForbidden } from "../../../../runtime/client/index.ts";
import type { Manager } from "../../../../runtime/manager/index.ts";

import { unstructured } from "../../../../runtime/object/index.ts";
import { installCrds, readManifests } from "../../../../runtime/testing/manifests.ts";
import { Signer, SIGNER } from "./signer.ts";
import { accountWith, documentedRoles, grant, withoutEach } from "./access.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { certificateAuthority, servingCertificate } from "../../../../runtime/webhook/index.ts";
import { certificatesIn } from "../../../../runtime/webhook/certificates/bundle.ts";
import { recordingLogger } from "../serving.ts";
import {
  ask, bundlesOf, Caller, clean, install, MUTATING, NAMESPACE, readiness, replica, SECRET, secretOf, SERVICE, shownBy, started, startSite, VALIDATING,
  type Server, type Site,
} from "./operators.ts"; // prettier-ignore

const MARKED = { "example.com/marked": "yes" };
const DEFINITION = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const SECRET_KEY = { namespace: NAMESPACE, name: "webhook-server-cert" };

/** What holds of certificates that the operator keeps, whichever API server it is. */
export function certificateBehaviours(server: Server): void {
  let site: Site;
  let managers: Manager[] = [];
  beforeAll(async () => {
    site = await startSite(server);
  }, 600_000);
  afterAll(async () => {
    await site[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await Promise.all(managers.map((manager) => manager.stop()));
    managers = [];
    await clean(site);
  });

  async function begin(options?: Parameters<typeof replica>[1]): Promise<Manager> {
    const manager = await started(site, options);
    managers.push(manager);
    return manager;
  }

  /** Puts a Secret there, as somebody else might have. */
  const put = (contents: Record<string, string>, type: string) => {
    const data = Object.fromEntries(Object.entries(contents).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
    return site.client.create({ ...SECRET, metadata: SECRET_KEY, type, data });
  };

  test("webhooks work with nothing but their configurations: the operator makes its certificate and makes its CA known", async () => {
    await install(site);
    await begin();
    await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
    await eventually(() => expect(ask(site, "wrong", { wrong: "yes" })).rejects.toThrow("it says that it is wrong"));
    const { "ca.crt": bundle, ...others } = await secretOf(site);
    expect(Object.keys(others).toSorted()).toEqual(["ca.key", "tls.crt", "tls.key"]);
    expect(await bundlesOf(site)).toEqual(["", bundle, bundle]);
  });

  test("configurations may come later than the operator, which waits for them without a word", async () => {
    const lines: Parameters<typeof recordingLogger>[0] = [];
    await begin({ log: recordingLogger(lines) });
    await install(site);
    await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
    expect(lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  });

  test.each([2, 10])("%i replicas that begin with nothing end with one Secret and one CA", async (count) => {
    await install(site);
    managers = await Promise.all(Array.from({ length: count }, () => replica(site)));
    await Promise.all(managers.map((manager) => manager.start()));
    await Promise.all(managers.map((manager) => eventually(() => readiness(manager))));
    const { "ca.crt": bundle = "", "tls.crt": cert = "" } = await secretOf(site);
    expect(certificatesIn(bundle)).toHaveLength(1);
    const shown = await Promise.all(managers.map(shownBy));
    expect(new Set(shown)).toEqual(new Set([new X509Certificate(cert).fingerprint256]));
    expect(await bundlesOf(site)).toEqual(["", bundle, bundle]);
  });

  test("once all is as it should be, nothing is written any more, by nobody who starts or stops", async () => {
    await install(site);
    await begin();
    const versions = async () =>
      Promise.all([
        site.client.get(SECRET, SECRET_KEY),
        site.client.get(MUTATING, { name: "mutating-webhook-configuration" }),
        site.client.get(VALIDATING, { name: "validating-webhook-configuration" }),
      ]).then((objects) => objects.map((object) => object?.metadata.resourceVersion));
    const before = await versions();
    for (let restart = 0; restart < 3; restart++) await begin();
    await managers[0]?.stop();
    expect(await versions()).toEqual(before);
  });

  describe("a Secret that is of no use when the operator starts is mended, and that is told in one line", () => {
    const year = { notBefore: Date.now() - 3_600_000, notAfter: Date.now() + 365 * 86_400_000 };
    const foreign = () => servingCertificate({ commonName: "x", names: ["localhost"], ...year });
    const cases: [string, () => Promise<Record<string, string>>, string][] = [
      ["empty", () => Promise.resolve({ "tls.crt": "", "tls.key": "" }), "it is empty"],
      ["opaque", () => Promise.resolve({ "other.txt": "hello" }), "it holds no ca.key"],
      ["foreign", () => foreign().then(({ cert, key }) => ({ "tls.crt": cert, "tls.key": key })), "it holds no ca.key"],
      [
        "for other names",
        async () => {
          const ca = await certificateAuthority({ commonName: "ca", ...year });
          const { cert, key } = await servingCertificate({ commonName: "x", names: ["other.default.svc"], ...year }, ca);
          return { "tls.crt": cert, "tls.key": key, "ca.crt": ca.cert, "ca.key": ca.key };
        },
        `tls.crt is not for ${SERVICE}.${NAMESPACE}.svc`,
      ],
      [
        "expired",
        async () => {
          const old = { notBefore: Date.now() - 2 * 86_400_000, notAfter: Date.now() - 86_400_000 };
          const ca = await certificateAuthority({ commonName: "ca", ...old });
          const { cert, key } = await servingCertificate({ commonName: "x", names: ["x"], ...old }, ca);
          return { "tls.crt": cert, "tls.key": key, "ca.crt": ca.cert, "ca.key": ca.key };
        },
        "its CA has expired",
      ],
    ];
    test.each(cases)("%s", async (name, contents, fault) => {
      await put(await contents(), name === "opaque" ? "Opaque" : "kubernetes.io/tls");
      await install(site);
      const lines: Parameters<typeof recordingLogger>[0] = [];
      await begin({ log: recordingLogger(lines) });
      await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
      expect(lines.filter(({ level }) => level === "warn").map(({ fields }) => fields?.["fault"])).toEqual([
        expect.stringContaining(fault),
      ]);
    });
  });

  test("a Secret that is emptied, damaged or deleted while replicas run is made anew, and no call fails", async () => {
    await install(site);
    await begin({ webhook: { propagation: "1s" } });
    await begin({ webhook: { propagation: "1s" } });
    await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
    const calls = new Caller(() => ask(site, "called"));
    for (const harm of [
      () => site.client.delete(SECRET, SECRET_KEY),
      () => site.client.patch(SECRET, SECRET_KEY, "merge", { data: { "tls.crt": "", "tls.key": "", "ca.crt": null, "ca.key": null } }),
      () => site.client.patch(SECRET, SECRET_KEY, "merge", { data: { "ca.key": Buffer.from("garbage").toString("base64") } }),
      () => site.client.patch(SECRET, SECRET_KEY, "merge", { data: { "tls.crt": Buffer.from("garbage").toString("base64") } }),
    ]) {
      const { "tls.crt": before } = await secretOf(site);
      await harm();
      await eventually(async () => {
        const { "tls.crt": cert = "", "ca.crt": bundle = "" } = await secretOf(site);
        expect(cert).not.toBe(before);
        expect(await bundlesOf(site)).toEqual(["", bundle, bundle]);
        const wanted = new X509Certificate(cert).fingerprint256;
        expect(await Promise.all(managers.map(shownBy))).toEqual([wanted, wanted]);
      });
    }
    await calls.stop();
    expect(calls.failures).toEqual([]);
    expect(calls.count).toBeGreaterThan(20);
  });

  test("a configuration that somebody overwrites or makes anew gets the CA again, and what others have in it stays theirs", async () => {
    await install(site);
    await begin();
    const { "ca.crt": bundle } = await secretOf(site);
    await site.client.delete(VALIDATING, { name: "validating-webhook-configuration" });
    const mutating = await site.client.get(MUTATING, { name: "mutating-webhook-configuration" });
    const [foreign, ours] = mutating?.["webhooks"] as { name: string; clientConfig: object }[];
    const other = {
      ...ours,
      name: "more.example.com",
      clientConfig: { ...ours?.clientConfig, caBundle: Buffer.from("x").toString("base64") },
    };
    const strange = { ...foreign, clientConfig: { service: { name: SERVICE, namespace: "elsewhere" }, caBundle: "" } };
    await site.client.patch(MUTATING, { name: "mutating-webhook-configuration" }, "merge", { webhooks: [other, strange] });
    await eventually(async () => expect(await bundlesOf(site)).toEqual([bundle, ""]));
    await clean(site).then(() => install(site));
    await eventually(async () => {
      const { "ca.crt": latest } = await secretOf(site);
      expect(await bundlesOf(site)).toEqual(["", latest, latest]);
    });
  });

  describe("with the access rules of the documentation", () => {
    const ApiService = unstructured({ apiVersion: "apiregistration.k8s.io/v1", kind: "APIService" });
    const service = () => ({ name: SERVICE, namespace: NAMESPACE, port: site.balancer.port });
    beforeAll(async () => {
      const [crd] = await readManifests([join(import.meta.dirname, "../data/frigates.crd.yaml")]);
      if (crd === undefined) throw new Error("no CRD");
      const conversion = {
        strategy: "Webhook",
        webhook: { clientConfig: { service: { ...service(), path: "/convert" } }, conversionReviewVersions: ["v1"] },
      };
      await installCrds(site.client, [{ ...crd, spec: { ...(crd["spec"] as object), conversion } }]);
      const spec = { group: "fleet.example.com", version: "v1", groupPriorityMinimum: 1000, versionPriority: 10, service: service() };
      await site.client.create({ ...ApiService, metadata: { name: "v1.fleet.example.com" }, spec });
    });
    afterAll(async () => {
      await site.client.delete(ApiService, { name: "v1.fleet.example.com" });
      await site.client.delete(DEFINITION, { name: "frigates.ships.io" });
    });
    const settings = { converts: true, webhook: { apiServices: ["v1.fleet.example.com"] } };
    const others = async () => {
      const crd = await site.client.get(DEFINITION, { name: "frigates.ships.io" });
      const { conversion } = crd?.["spec"] as { conversion: { webhook: { clientConfig: { caBundle?: string } } } };
      const apiService = await site.client.get(ApiService, { name: "v1.fleet.example.com" });
      return [conversion.webhook.clientConfig.caBundle, (apiService?.["spec"] as { caBundle?: string }).caBundle];
    };

    test("everything works: conversions and APIServices too, a Secret that is gone or damaged, an exchange of the CA", async () => {
      await install(site);
      const kubeconfig = await accountWith(site, await documentedRoles("What it may do"));
      const lines: Parameters<typeof recordingLogger>[0] = [];
      await begin({
        ...settings,
        kubeconfig,
        log: recordingLogger(lines),
        webhook: { ...settings.webhook, lifetimes: { authority: "6s", serving: "3s" } },
      });
      const frigate = {
        apiVersion: "ships.io/v1",
        kind: "Frigate",
        metadata: { name: "victoria", namespace: NAMESPACE },
        spec: { guns: { count: 38 } },
      };
      await site.client.create(frigate);
      const Older = unstructured({ apiVersion: "ships.io/v1beta1", kind: "Frigate" });
      // The embedded server converts nothing.
      const older = { guns: 38 };
      const convert = async () => (await site.client.get(Older, { namespace: NAMESPACE, name: "victoria" }))?.["spec"];
      await eventually(async () => expect(await convert()).toEqual(older));
      await site.client.delete(SECRET, SECRET_KEY);
      await eventually(async () => expect(await secretOf(site)).not.toEqual({}));
      await site.client.patch(SECRET, SECRET_KEY, "merge", { data: { "tls.crt": "" } });
      const seen = new Set<string>();
      await eventually(
        async () => {
          const { "ca.crt": bundle = "" } = await secretOf(site);
          for (const { fingerprint256 } of certificatesIn(bundle)) seen.add(fingerprint256);
          expect(seen.size).toBeGreaterThan(2);
          const base64 = Buffer.from(bundle).toString("base64");
          expect(await others()).toEqual([base64, base64]);
        },
        { timeout: 20_000 },
      );
      expect(await ask(site, "marked")).toEqual(MARKED);
      expect(await convert()).toEqual(older);
      await site.client.delete(Older, { namespace: NAMESPACE, name: "victoria" });
      const faults = lines.filter(({ level, message }) => level !== "info" && !message.includes("have been mended"));
      expect(faults).toEqual([]);
    }, 40_000);

    test("a replica is not ready as long as the CA is not in a configuration, says which and why, and is once it may put it there", async () => {
      await install(site);
      const roles = await documentedRoles("What it may do");
      const [, without = []] = withoutEach(roles).find(([permission]) => permission === "patch validatingwebhookconfigurations") ?? [];
      const kubeconfig = await accountWith(site, without);
      const manager = await replica(site, { ...settings, kubeconfig });
      managers.push(manager);
      await manager.start();
      await eventually(() =>
        expect(readiness(manager)).rejects.toThrow(
          /webhook failed: the CA of the webhooks is not known yet to ValidatingWebhookConfiguration validating-webhook-configuration \(.*forbidden/,
        ),
      );
      await grant(site, kubeconfig, roles);
      await eventually(() => readiness(manager));
    });

    test("none of them can be left out", async () => {
      const needless: string[] = [];
      for (const [permission, roles] of withoutEach(await documentedRoles("What it may do"))) {
        // For API servers before 1.32, which do not begin a watch with a list.
        if (permission.startsWith("list")) continue;
        const kubeconfig = await accountWith(site, roles);
        let isNoticed = false;
        for (const contents of [undefined, { "tls.crt": "", "tls.key": "" }]) {
          if (contents !== undefined) await put(contents, "kubernetes.io/tls");
          await install(site);
          const lines: Parameters<typeof recordingLogger>[0] = [];
          const manager = await replica(site, { ...settings, kubeconfig, log: recordingLogger(lines) });
          try {
            await manager.start();
            // What is watched is told of at once, and so is what cannot be.
            await eventually(
              () => {
                if (!lines.some(({ fields }) => String(fields?.["error"]).includes("forbidden"))) throw new Error("nothing is forbidden");
              },
              { timeout: contents === undefined ? 200 : 1000 },
            );
            isNoticed = true;
          } catch (error) {
            isNoticed ||= isForbidden((error as Error).cause);
          }
          await manager.stop();
          await clean(site);
          if (isNoticed) break;
        }
        if (!isNoticed) needless.push(permission);
      }
      expect(needless).toEqual([]);
    }, 120_000);
  });

  describe("with a signer of the cluster", () => {
    const names = [`${SERVICE}.${NAMESPACE}.svc`, `${SERVICE}.${NAMESPACE}`, `${SERVICE}.${NAMESPACE}.svc.cluster.local`, SERVICE];
    let signer: Signer;
    beforeEach(async () => {
      signer = await Signer.start(site.client, names);
    });
    afterEach(() => signer[Symbol.asyncDispose]().then(() => undefined));
    const settings = { certSource: `csr:${SIGNER}` } as const;

    test("the operator asks for its certificate, approves that itself when it may, and makes the CA known that it is given", async () => {
      await install(site);
      const { cert: caBundle } = signer.authority;
      const kubeconfig = await accountWith(site, [
        ...(await documentedRoles("What it may do")),
        ...(await documentedRoles("A signer of the cluster")),
      ]);
      const lines: Parameters<typeof recordingLogger>[0] = [];
      await begin({ kubeconfig, log: recordingLogger(lines), webhook: { ...settings, signingRequest: { approve: true, caBundle } } });
      await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
      expect(await bundlesOf(site)).toEqual(["", caBundle, caBundle]);
      const [request] = await signer.requests();
      expect(request?.["spec"]).toMatchObject({
        signerName: SIGNER,
        expirationSeconds: 90 * 86_400,
        usages: ["digital signature", "server auth"],
      });
      // The next replica has no need of another.
      await begin({ kubeconfig, webhook: { ...settings, signingRequest: { approve: true, caBundle } } });
      expect(await signer.requests()).toHaveLength(1);
      expect(lines.filter(({ level }) => level !== "info")).toEqual([]);
    });

    test("the CA may be in a ConfigMap; without one nothing is written into the configurations", async () => {
      const ConfigMap = { apiVersion: "v1", kind: "ConfigMap" };
      const { cert } = signer.authority;
      const metadata = { name: "signers-ca", namespace: NAMESPACE };
      await site.client.create({ ...ConfigMap, metadata, data: { "bundle.pem": cert } });
      await install(site);
      const signingRequest = { approve: true, caBundle: { configMap: "signers-ca", key: "bundle.pem" } };
      await begin({ webhook: { ...settings, signingRequest } });
      expect(await bundlesOf(site)).toEqual(["", cert, cert]);
      await managers.pop()?.stop();
      await clean(site);
      await install(site);
      await begin({ webhook: { ...settings, signingRequest: { approve: true } } });
      expect(await bundlesOf(site)).toEqual(["", "", ""]);
      await site.client.delete(ConfigMap, metadata);
      const lost = await replica(site, { webhook: { ...settings, signingRequest } });
      await expect(lost.start()).rejects.toThrow("the CA bundle is not in the key bundle.pem of ConfigMap default/signers-ca");
    });

    test("it waits until somebody has approved its request, and may be stopped meanwhile", async () => {
      const waiting = await replica(site, { webhook: settings });
      const starting = waiting.start();
      starting.catch(() => undefined);
      await eventually(async () => expect(await signer.requests()).toHaveLength(1));
      await waiting.stop();
      await expect(starting).rejects.toThrow("the manager was stopped");
      const patient = begin({ webhook: settings });
      await eventually(async () => expect(await signer.requests()).toHaveLength(2));
      for (const request of await signer.requests()) await signer.decide(request, "Approved", "it is fine");
      await patient;
      expect((await secretOf(site))["tls.crt"]).toContain("BEGIN CERTIFICATE");
    });

    test("a request that is denied, and a certificate that is of no use, are one clear error", async () => {
      const denied = await replica(site, { webhook: settings });
      const starting = expect(denied.start()).rejects.toThrow(
        /cannot be kept in Secret default\/webhook-server-cert: the CertificateSigningRequest webhook-server-cert-\w+ to example.com\/webhooks was denied \(Tested: not like this\)/,
      );
      const request = await eventually(async () => {
        const [found] = await signer.requests();
        if (found === undefined) throw new Error("no request yet");
        return found;
      });
      await signer.decide(request, "Denied", "not like this");
      await starting;
      signer.names = ["other.svc"];
      const useless = await replica(site, { webhook: { ...settings, signingRequest: { approve: true } } });
      await expect(useless.start()).rejects.toThrow("was answered by something of no use: tls.crt is not for webhook-service.default.svc");
    });

    test("the certificate is renewed, and no call fails", async () => {
      await install(site);
      signer.lifetime = 4000;
      const { cert: caBundle } = signer.authority;
      for (let count = 0; count < 2; count++) await begin({ webhook: { ...settings, signingRequest: { approve: true, caBundle } } });
      await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
      const calls = new Caller(() => ask(site, "called"));
      const certificates = new Set<string>();
      await eventually(
        async () => {
          for (const manager of managers) certificates.add(await shownBy(manager));
          expect(certificates.size).toBeGreaterThan(3);
        },
        { timeout: 20_000, interval: 100 },
      );
      await calls.stop();
      expect(calls.failures).toEqual([]);
    }, 30_000);
  });

  test("certificates and CAs come and go, whole lifetimes of them, and no call fails", async () => {
    await install(site);
    const lifetimes = { authority: "8s", serving: "4s" };
    await begin({ webhook: { lifetimes, propagation: "500ms" } });
    await begin({ webhook: { lifetimes, propagation: "500ms" } });
    await eventually(async () => expect(await ask(site, "marked")).toEqual(MARKED));
    const calls = new Caller(() => ask(site, "called"));
    const [authorities, certificates] = [new Set<string>(), new Set<string>()];
    await eventually(
      async () => {
        const { "ca.crt": bundle = "" } = await secretOf(site);
        for (const { fingerprint256 } of certificatesIn(bundle)) authorities.add(fingerprint256);
        for (const manager of managers) certificates.add(await shownBy(manager));
        expect(authorities.size).toBeGreaterThan(3);
        expect(certificates.size).toBeGreaterThan(5);
      },
      { timeout: 50_000, interval: 100 },
    );
    await calls.stop();
    expect(calls.failures).toEqual([]);
  }, 60_000);
}

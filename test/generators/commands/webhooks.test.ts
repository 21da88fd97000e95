import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { parse } from "yaml";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads the program with its types, which takes its time on a machine that is busy.
jest.setTimeout(60_000);

const registration =
  "manager.webhook(Memcached).defaultWith({ default() {} }).validateWith({ validateDelete: () => [] }, { timeoutSeconds: 5 });\n";
const policy = `import type { AdmissionPolicy } from "@kubescaffold/runtime/api";
import type { Memcached } from "./memcached.types.ts";

export const shortNames: AdmissionPolicy<Memcached> = {
  validations: [{ expression: "size(object.metadata.name) < 20", message: "the name is too long" }],
};
`;
const policyFile = "api/v1alpha1/memcached.policy.ts";

async function project(path: string): Promise<(text: string) => void> {
  await newProject(path);
  await succeed(path, ["create", "api", ...memcached]);
  const main = readFileSync(join(path, "main.ts"), "utf8");
  return (text) => writeFileSync(join(path, "main.ts"), main.replace("await manager.run()", `${text}await manager.run()`));
}

function resourcesOf(files: Record<string, string>, path: string): unknown {
  return (parse(files[path] ?? "resources: []") as { resources: unknown }).resources;
}

test("config/webhook and config/policies come with the first webhook and policy, and go with the last", async () => {
  using folder = temporaryFolder();
  const wire = await project(folder.path);
  const before = filesOf(folder.path);
  expect(Object.keys(before).filter((path) => /^config\/(webhook|policies)/.test(path))).toEqual([]);

  wire(registration);
  writeFileSync(join(folder.path, policyFile), policy);
  const { out } = await succeed(folder.path, ["generate"]);
  for (const path of ["config/webhook/manifests.yaml", "config/webhook/service.yaml", "config/policies/short-names.yaml"])
    expect(out).toContain(`  create  ${path}`);
  const files = filesOf(folder.path);
  expect(resourcesOf(files, "config/webhook/kustomization.yaml")).toEqual(["manifests.yaml", "service.yaml"]);
  expect(resourcesOf(files, "config/policies/kustomization.yaml")).toEqual(["short-names.yaml"]);
  expect(resourcesOf(files, "config/default/kustomization.yaml")).toEqual(expect.arrayContaining(["../webhook", "../policies"]));
  expect(files["config/webhook/manifests.yaml"]).toContain("path: /validate-cache-example-com-v1alpha1-memcached");
  expect(parse(files["config/webhook/service.yaml"] ?? "")).toMatchObject({
    metadata: { name: "webhook-service" },
    spec: { selector: { "app.kubernetes.io/name": "cache-operator" } },
  });
  expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");

  wire("");
  rmSync(join(folder.path, policyFile));
  await succeed(folder.path, ["generate"]);
  expect(filesOf(folder.path)).toEqual(before);
});

test("a webhook at a URL needs no Service", async () => {
  using folder = temporaryFolder();
  const wire = await project(folder.path);
  wire(registration);
  await succeed(folder.path, ["generate"]);
  wire(
    registration
      .replaceAll("{ default() {} }", '{ default() {} }, { url: "https://example.com/a" }')
      .replace("timeoutSeconds: 5", 'url: "https://example.com/b"'),
  );
  const { out } = await succeed(folder.path, ["generate"]);
  expect(out).toContain("  delete  config/webhook/service.yaml");
  expect(resourcesOf(filesOf(folder.path), "config/webhook/kustomization.yaml")).toEqual(["manifests.yaml"]);
});

test("what is wrong is one line with its place, and nothing is written", async () => {
  using folder = temporaryFolder();
  const wire = await project(folder.path);
  wire(registration.replace("timeoutSeconds: 5", "timeoutSeconds: 50"));
  writeFileSync(join(folder.path, policyFile), policy.replace("size(object", "size(objet"));
  const before = filesOf(folder.path);
  const { code, err } = await scaffold(folder.path, ["generate"]);
  expect(code).toBe(1);
  expect(err.split("\n")).toEqual([
    expect.stringContaining(`${policyFile}:5:19: the policy shortNames: validations[0].expression has no variable objet; write object`),
    expect.stringMatching(
      /^main\.ts:\d+:\d+: the webhook of Memcached: timeoutSeconds is 50; write a whole number of seconds from 1 to 30$/,
    ),
  ]);
  expect(filesOf(folder.path)).toEqual(before);
});

test("who looks after the certificate is an answer that is kept, and the manifests follow", async () => {
  using folder = temporaryFolder();
  const wire = await project(folder.path);
  wire(registration);
  const manifests = async (source: string): Promise<{ transformers: string; certificate: boolean; role: string | undefined }> => {
    await succeed(folder.path, ["generate", "--webhook-certificates", source]);
    expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
    const files = filesOf(folder.path);
    expect(files["PROJECT"]?.includes("webhookCertificates")).toBe(source !== "self");
    return {
      transformers: files["config/default/webhook_transformers.yaml"] ?? "",
      certificate: files["config/webhook/certificate.yaml"] !== undefined,
      role: files["config/rbac/webhook_certificates_role.yaml"],
    };
  };
  const mounted = await manifests("cert-manager");
  expect(mounted).toMatchObject({ certificate: true, role: undefined });
  expect(mounted.transformers).toContain("metadata.annotations.[cert-manager.io/inject-ca-from]");
  const files = await manifests("files");
  expect(files).toMatchObject({ certificate: false, role: undefined });
  expect(files.transformers).toContain("--webhook-cert-path=/tmp/k8s-webhook-server/serving-certs");
  const signed = await manifests("csr:example.com/webhooks");
  expect(signed.transformers).toContain("--webhook-cert-source=csr:example.com/webhooks");
  expect(signed.role).toContain("certificatesigningrequests");
  const own = await manifests("self");
  expect(own.role).not.toContain("certificatesigningrequests");
  expect(own.transformers).not.toContain("--webhook-cert");
  expect((await scaffold(folder.path, ["generate", "--webhook-certificates", "vault"])).err).toBe(
    '"vault" cannot look after certificates: pass self, cert-manager, files, or csr:<signer>, such as csr:example.com/webhooks.',
  );
});

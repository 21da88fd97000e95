import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { parse } from "yaml";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads the program with its types, which takes its time on a machine that is busy.
jest.setTimeout(120_000);

const webhook = ["create", "webhook"] as const;
const deployment = ["--group", "apps", "--version", "v1", "--kind", "Deployment"] as const;

async function project(path: string): Promise<void> {
  await newProject(path);
  await succeed(path, ["create", "api", ...memcached]);
}

/** Lines of main.ts that wire webhooks. */
function wired(path: string): string[] {
  return readFileSync(join(path, "main.ts"), "utf8")
    .split("\n")
    .filter((line) => line.includes(".webhook("));
}

test("a kind of one's own gets handlers with tests, is wired, and its configuration follows", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const { out } = await succeed(folder.path, [...webhook, ...memcached, "--defaulting", "--validation"]);
  for (const path of ["webhooks/memcached.defaulter.ts", "webhooks/memcached.validator.test.ts", "config/webhook/manifests.yaml"])
    expect(out).toContain(`  create  ${path}`);
  expect(wired(folder.path)).toEqual([
    "manager.webhook(Memcached).defaultWith(new MemcachedDefaulter()).validateWith(new MemcachedValidator());",
  ]);
  const files = filesOf(folder.path);
  expect(files["config/webhook/manifests.yaml"]).toContain("path: /mutate-cache-example-com-v1alpha1-memcached");
  expect(parse(files["PROJECT"] ?? "")).toMatchObject({
    webhooks: [{ group: "cache.example.com", version: "v1alpha1", kind: "Memcached", types: ["defaulting", "validation"] }],
  });
  expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
});

test("a further type leaves alone what was edited, and joins the statement that is there", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  await succeed(folder.path, [...webhook, ...memcached, "--defaulting"]);
  const defaulter = join(folder.path, "webhooks/memcached.defaulter.ts");
  const edited = readFileSync(defaulter, "utf8").replace("part-of", "component");
  writeFileSync(defaulter, edited);
  const main = join(folder.path, "main.ts");
  writeFileSync(
    main,
    readFileSync(main, "utf8").replace(
      "defaultWith(new MemcachedDefaulter())",
      "defaultWith(new MemcachedDefaulter(), { timeoutSeconds: 3 })",
    ),
  );

  await succeed(folder.path, [...webhook, ...memcached, "--validation"]);

  expect(readFileSync(defaulter, "utf8")).toBe(edited);
  expect(wired(folder.path)).toEqual([
    "manager.webhook(Memcached).defaultWith(new MemcachedDefaulter(), { timeoutSeconds: 3 }).validateWith(new MemcachedValidator());",
  ]);
  expect(await scaffold(folder.path, [...webhook, ...memcached, "--validation"])).toMatchObject({
    code: 1,
    err: "Memcached has a validation webhook already: edit webhooks/memcached.validator.ts, or pass --force to write it anew.",
  });
});

test("kinds of Kubernetes can share a path, and the operator's own namespace is left out", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, [
    ...webhook,
    ...deployment,
    "--defaulting",
    "--validation",
    "--path",
    "/mutate",
    "--validation-path",
    "/validate",
  ]);
  await succeed(folder.path, [...webhook, "--group", "core", "--version", "v1", "--kind", "Service", "--defaulting", "--path", "/mutate"]);
  expect(wired(folder.path)).toEqual([
    'manager.webhook(Deployment, { mutate: "/mutate", validate: "/validate" }).defaultWith(new DeploymentDefaulter()).validateWith(new DeploymentValidator());',
    'manager.webhook(Service, { mutate: "/mutate" }).defaultWith(new ServiceDefaulter());',
  ]);
  const manifests = readFileSync(join(folder.path, "config/webhook/manifests.yaml"), "utf8");
  expect(manifests.match(/path: \/mutate$/gm)).toHaveLength(2);
  expect(manifests.match(/- cache-operator-system$/gm)).toHaveLength(3);
});

test("a conversion makes the CRD ask the operator, and goes with its registration", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const hub = ["--group", "cache", "--version", "v1", "--kind", "Memcached"];
  await succeed(folder.path, ["create", "api", ...hub, "--no-controller"]);
  await succeed(folder.path, [...webhook, ...hub, "--conversion", "--spoke", "v1alpha1"]);
  const crd = (): unknown => parse(readFileSync(join(folder.path, "config/crd/bases/cache.example.com_memcacheds.yaml"), "utf8"));
  expect(crd()).toMatchObject({
    spec: {
      conversion: {
        strategy: "Webhook",
        webhook: {
          clientConfig: { service: { name: "webhook-service", namespace: "system", path: "/convert" } },
          conversionReviewVersions: ["v1"],
        },
      },
    },
  });
  const main = join(folder.path, "main.ts");
  writeFileSync(main, readFileSync(main, "utf8").replace(/.*convertWith.*\n/, ""));
  await succeed(folder.path, ["generate"]);
  expect(crd()).not.toHaveProperty("spec.conversion");
});

test("an imported kind gets handlers too", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const crd = join(folder.path, "harbor.yaml");
  writeFileSync(
    crd,
    JSON.stringify({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "harbors.port.io" },
      spec: {
        group: "port.io",
        scope: "Namespaced",
        names: { kind: "Harbor", plural: "harbors" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object" } } } },
          },
        ],
      },
    }),
  );
  await succeed(folder.path, ["import", "crd", crd]);
  await succeed(folder.path, [...webhook, "--group", "port.io", "--version", "v1", "--kind", "Harbor", "--validation"]);
  expect(readFileSync(join(folder.path, "main.ts"), "utf8")).toContain('import { Harbor } from "./api/port.io/v1/harbor.ts";');
  expect(readFileSync(join(folder.path, "config/webhook/manifests.yaml"), "utf8")).toContain("- harbors");
});

test.each([
  { args: [...memcached], says: "What shall the webhook do? Pass --defaulting, --validation or --conversion, or several of them." },
  {
    args: ["--group", "apps", "--version", "v1", "--kind", "Deploymnt", "--validation"],
    says: "There is no kind Deploymnt in apps: did you mean Deployment?",
  },
  {
    args: ["--group", "apps", "--version", "v1", "--kind", "Pod", "--validation"],
    says: "There is no kind Pod in apps: it is in core, pass --group core.",
  },
  {
    args: ["--group", "cache", "--version", "v1alpha1", "--kind", "Zebra", "--validation"],
    says: 'There is no kind Zebra in cache: write it with "scaffold create api", or bring the CRD of somebody else\'s with "scaffold import crd".',
  },
  {
    args: ["--group", "cache", "--version", "v2", "--kind", "Memcached", "--validation"],
    says: "Memcached has no version v2 in cache.example.com: pass --version v1alpha1.",
  },
  {
    args: [...deployment, "--conversion"],
    says: "Deployment is not a kind of this project, so its versions are not yours to convert: leave out --conversion.",
  },
  {
    args: [...memcached, "--conversion"],
    says: 'Memcached has the version v1alpha1 only: write another one first, with "scaffold create api".',
  },
  { args: [...memcached, "--defaulting", "--spoke", "v1"], says: "--spoke says what to convert: pass --conversion too, or leave it out." },
  { args: [...memcached, "--defaulting", "--path", "mutate"], says: '"mutate" is no path of a URL: write it like /mutate.' },
  {
    args: [...memcached, "--defaulting", "--validation", "--path", "/a", "--validation-path", "/a"],
    says: "/a cannot be the path of both: pass another --validation-path.",
  },
])("create webhook $args is refused in one line, and nothing is written", async ({ args, says }) => {
  using folder = temporaryFolder();
  await project(folder.path);
  const before = filesOf(folder.path);
  expect(await scaffold(folder.path, [...webhook, ...args])).toMatchObject({ code: 1, out: "", err: says });
  expect(filesOf(folder.path)).toEqual(before);
});

test.each([
  { spoke: "v1", says: "v1 is the hub and cannot be a spoke as well: pass --spoke v1beta1, v1alpha1." },
  { spoke: "v3", says: "Memcached has no version v3 to be a spoke: pass --spoke v1beta1, v1alpha1." },
  {
    spoke: "v1beta1",
    says: "The API server asks for every version of Memcached, and v1alpha1 would be left out: pass --spoke v1beta1, v1alpha1.",
  },
])("a conversion with the spoke $spoke is refused", async ({ spoke, says }) => {
  using folder = temporaryFolder();
  await project(folder.path);
  for (const version of ["v1beta1", "v1"])
    await succeed(folder.path, ["create", "api", "--group", "cache", "--version", version, "--kind", "Memcached", "--no-controller"]);
  const args = [...webhook, "--group", "cache", "--version", "v1", "--kind", "Memcached", "--conversion", "--spoke", spoke];
  const { code, err } = await scaffold(folder.path, args);
  expect(code).toBe(1);
  expect(err.replace(/v1alpha1, v1beta1\.$/, "v1beta1, v1alpha1.")).toBe(says);
});

test("on a terminal it asks for what no flag says", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const { code, questions } = await scaffold(folder.path, [...webhook], ["cache", "v1alpha1", "Memcached", "n", "y"]);
  expect(code).toBe(0);
  expect(questions).toHaveLength(5);
  expect(wired(folder.path)).toEqual(["manager.webhook(Memcached).validateWith(new MemcachedValidator());"]);
});

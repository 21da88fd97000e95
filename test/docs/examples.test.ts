/** What the documentation shows is so: its TypeScript compiles, its commands and files are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { expect, test } from "@jest/globals";
import { NODE_FLAGS, START_ENVIRONMENT } from "../../generators/project/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const pages = ["README.md", "runtime/README.md", ...markdownIn("docs")].map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), "utf8"),
}));
const concepts = pages.filter(({ path }) => path.startsWith("docs/concepts/"));

test("every TypeScript example of the concepts compiles, as strictly as the project itself", () => {
  const examples = concepts.flatMap(({ path, text }) => blocks(text, "ts").map((code, index) => ({ name: `${path} ${index + 1}`, code })));
  expect(examples.length).toBeGreaterThan(10);
  expect(faultsOf(examples)).toEqual([]);
}, 60_000);

test("the check of examples finds a call that there is not", () => {
  const [fault = ""] = faultsOf([{ name: "wrong", code: `await client.replace(deploymentFor(memcached));` }]);
  expect(fault).toMatch(/^wrong: .*'replace' does not exist/);
}, 60_000);

test("every link within the documentation leads somewhere", () => {
  const broken = pages.flatMap(({ path, text }) =>
    [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !/^https?:/.test(target) && !leads(path, target))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("every npm script and command of scaffold that the concepts name is there", () => {
  const scripts = new Set(
    ["package.json", "examples/memcached-operator/package.json"].flatMap((file) => [...scriptsOf(file), "test", "start"]),
  );
  const commands = readdirSync(join(ROOT, "generators/commands")).map((file) => file.replace(/\.ts$/, "").split("-")[0]);
  const unknown = concepts.flatMap(({ path, text }) => [
    ...[...text.matchAll(/npm run ([\w:-]+)/g)].filter(([, script = ""]) => !scripts.has(script)).map(([command]) => `${path}: ${command}`),
    ...[...text.matchAll(/(?:npx |`)scaffold (\w+)/g)]
      .filter(([, command]) => !commands.includes(command))
      .map(([line]) => `${path}: ${line}`),
  ]);
  expect(unknown).toEqual([]);
});

test("every metric that the concepts name is one of ours", () => {
  const metrics = readFileSync(join(ROOT, "runtime/manager/metrics.ts"), "utf8");
  const named = concepts.flatMap(
    ({ text }) => text.match(/(?<=`)(?:controller_runtime|workqueue|rest_client|leader_election|kubescaffold)_\w+/g) ?? [],
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !metrics.includes(`"${name}"`))).toEqual([]);
});

test("the options that make a small process are those of the start command", () => {
  const text = readFileSync(join(ROOT, "docs/concepts/scaling.md"), "utf8");
  const options = [...NODE_FLAGS, ...Object.entries(START_ENVIRONMENT).map(([name, value]) => `${name}=${value}`)];
  expect(text.match(/(?<=^\| `)[-\w]+=\d+(?=`)/gm)).toEqual(options);
});

function leads(page: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : relative(ROOT, resolve(ROOT, dirname(page), file));
  if (!existsSync(join(ROOT, path))) return false;
  return anchor === undefined || headingsOf(readFileSync(join(ROOT, path), "utf8")).includes(anchor);
}

/** As GitHub names them. */
function headingsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

function markdownIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !file.endsWith(".api.md"))
    .map((file) => join(folder, file));
}

function scriptsOf(file: string): string[] {
  return Object.keys((JSON.parse(readFileSync(join(ROOT, file), "utf8")) as { scripts: object }).scripts);
}

function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code);
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

/** What the compiler says of each example, as a module that imports what it uses of the runtime and of cast.ts. */
function faultsOf(examples: readonly { name: string; code: string }[]): string[] {
  const known = [join(ROOT, "runtime/index.ts"), join(import.meta.dirname, "cast.ts")];
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (file) => readFileSync(file, "utf8")) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noUnusedLocals: false, noUnusedParameters: false, verbatimModuleSyntax: false, isolatedModules: false },
    ROOT,
  );
  const host = ts.createCompilerHost(options);
  const front = ts.createProgram(known, options, host);
  const imports = known.map((file) => ({ file, names: exportsOf(front, file) }));
  const files = new Map(examples.map(({ name, code }, index) => [join(import.meta.dirname, `example-${index}.ts`), { name, code }]));
  const withExamples: ts.CompilerHost = {
    ...host,
    fileExists: (file) => files.has(file) || host.fileExists(file),
    getSourceFile(file, language, ...more) {
      const example = files.get(file);
      if (example === undefined) return front.getSourceFile(file) ?? host.getSourceFile(file, language, ...more);
      const used = imports.map((each) => ({ ...each, names: each.names.filter((name) => isUsed(name, example.code)) }));
      const lines = used.map(({ file: from, names }) => `import { ${names.join(", ")} } from "${from}";`);
      return ts.createSourceFile(file, `${lines.join(" ")} export {};\n${example.code}`, language);
    },
  };
  const program = ts.createProgram([...known, ...files.keys()], options, withExamples);
  return [...files].flatMap(([file, { name }]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`),
  );
}

function exportsOf(program: ts.Program, file: string): string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  return symbol ? checker.getExportsOfModule(symbol).map(({ name }) => name) : [];
}

/** True for a name that an example uses and does not declare. */
function isUsed(name: string, code: string): boolean {
  const isDeclared = new RegExp(`\\b(?:const|let|class|function|interface|import\\b[^;]*)\\s+(?:[{[][^}\\]]*\\b)?${name}\\b`).test(code);
  return !isDeclared && new RegExp(`(?:^|[^.\\w]|\\.{3})${name}\\b`, "m").test(code);
}

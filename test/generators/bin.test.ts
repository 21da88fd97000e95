import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import ts from "typescript";
import { temporaryFolder } from "./temporary.ts";

const bin = fileURLToPath(new URL("../../generators/bin.js", import.meta.url));

/** Makes a Node say that it is an older one. */
const asOldNode = ["--import", 'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.1.0"})'];

/** A published package without anything around it, whose command tells with which arguments it was called, and exits with 7. */
function installed(folder: string, main = "console.log('main', ...process.argv.slice(2)); process.exitCode = 7;"): string {
  const place = join(folder, "package", "generators");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(folder, "package", "package.json"), '{"type":"module"}');
  writeFileSync(join(place, "main.js"), main);
  copyFileSync(bin, join(place, "bin.js"));
  return join(place, "bin.js");
}

function executable(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function run(args: string[], options: { cwd: string; path?: string }): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: options.cwd,
    encoding: "utf8",
    env: { PATH: options.path ?? "/usr/bin:/bin" },
  });
  return { code: status, out: stdout.trim(), err: stderr.trim() };
}

test("a new enough Node runs the command itself, and its exit code is the command's", () => {
  using folder = temporaryFolder();
  expect(run([installed(folder.path), "generate", "--diff"], { cwd: folder.path })).toEqual({
    code: 7,
    out: "main generate --diff",
    err: "",
  });
});

test("an old Node takes the project's own, found above the working folder", () => {
  using folder = temporaryFolder();
  executable(
    join(folder.path, "project/node_modules/.bin"),
    "node",
    `[ "$1" = --version ] || echo "the project's node"\nexec '${process.execPath}' "$@"`,
  );
  mkdirSync(join(folder.path, "project/deep/er"), { recursive: true });
  const result = run([...asOldNode, installed(folder.path), "a b", "c"], { cwd: join(folder.path, "project/deep/er") });
  expect(result).toEqual({ code: 7, out: "the project's node\nmain a b c", err: "" });
});

test("a project's Node that is old too is passed over, and npm gets a new one", () => {
  using folder = temporaryFolder();
  executable(join(folder.path, "node_modules/.bin"), "node", "echo v18.0.0");
  const npm = join(folder.path, "npm-bin");
  executable(
    npm,
    "npm",
    `[ "$1 $2 $3 $4 $5" = "exec --yes --package=node@24 -- node" ] || exit 9\nshift 5\nexec '${process.execPath}' "$@"`,
  );
  const result = run([...asOldNode, installed(folder.path), "x"], { cwd: folder.path, path: `${npm}:/usr/bin:/bin` });
  expect(result).toEqual({ code: 7, out: "main x", err: "" });
});

test.each([
  ["npm fails", "exit 1", "npm could not fetch one"],
  ["npm brings an old one", "echo v16.0.0", "npm could not fetch one"],
])("when %s, one clear sentence and exit code 1", (_what, script, reason) => {
  using folder = temporaryFolder();
  const npm = join(folder.path, "npm-bin");
  executable(npm, "npm", script);
  const result = run([...asOldNode, installed(folder.path)], { cwd: folder.path, path: `${npm}:/usr/bin:/bin` });
  expect(result).toEqual({
    code: 1,
    out: "",
    err: `kubescaffold needs Node 22.19 or newer, and this is v20.1.0; ${reason}: install a newer Node (https://nodejs.org) and run the command again.`,
  });
});

test("without npm, the same", () => {
  using folder = temporaryFolder();
  const result = run([...asOldNode, installed(folder.path)], { cwd: folder.path, path: join(folder.path, "nothing-here") });
  expect(result).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringMatching(/^kubescaffold needs Node 22\.19 or newer, .*npm, which could fetch one, is not there: install[^\n]*$/),
  });
});

test("a signal reaches the command, and how it ends is how we end", async () => {
  using folder = temporaryFolder();
  executable(join(folder.path, "node_modules/.bin"), "node", `exec '${process.execPath}' "$@"`);
  const main =
    "process.on('SIGTERM', () => { console.log('ending'); process.exit(5); }); console.log('ready'); setInterval(() => {}, 1000);";
  const child = spawn(process.execPath, [...asOldNode, installed(folder.path, main)], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (chunk.toString().includes("ready")) child.kill("SIGTERM");
  });
  expect(await once(child, "exit")).toEqual([5, null]);
  expect(out).toBe("ready\nending\n");
});

test("is written in a language that Node 12 reads", () => {
  const source = ts.createSourceFile("bin.js", readFileSync(bin, "utf8"), ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const tooNew: string[] = [];
  const visit = (node: ts.Node): void => {
    const newer = [
      ts.SyntaxKind.QuestionDotToken,
      ts.SyntaxKind.QuestionQuestionToken,
      ts.SyntaxKind.PrivateIdentifier,
      ts.SyntaxKind.BigIntLiteral,
      ts.SyntaxKind.AwaitExpression,
    ];
    const assigning = [
      ts.SyntaxKind.QuestionQuestionEqualsToken,
      ts.SyntaxKind.BarBarEqualsToken,
      ts.SyntaxKind.AmpersandAmpersandEqualsToken,
    ];
    if (newer.includes(node.kind) || assigning.includes(node.kind)) tooNew.push(node.parent.getText());
    // The `node:` prefix came with Node 12.20.
    if (ts.isImportDeclaration(node) && node.moduleSpecifier.getText().includes("node:")) tooNew.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  expect(tooNew).toEqual([]);
});

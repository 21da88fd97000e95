import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { readElf } from "../../../generators/image/elf.ts";
import { librariesOf, loaderCache } from "../../../generators/image/libraries.ts";

const node = readFileSync(process.execPath);

test("the libraries of Node and its loader are those that the loader itself tells", () => {
  const elf = readElf(node);
  if (!elf) throw new Error("Node is an ELF file here");
  // `ldd` asks the loader: "name => path (address)", and "path (address)" for the loader.
  const told = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  const libraries = [...told.matchAll(/^\s*(\S+) => (\S+) \(/gm)].map(([, name, path]) => [name, path]);
  expect(librariesOf(process.execPath, elf).map(({ name, path }) => [name, path])).toEqual(
    libraries.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
  );
  expect(told).toContain(`${elf.interpreter} (`);
  expect(elf.architecture).toBe(process.arch === "x64" ? "amd64" : process.arch);
});

test("the loader's cache is read as ldconfig prints it", () => {
  const printed = execFileSync("/sbin/ldconfig", ["-p"], { encoding: "utf8" });
  const names = new Set([...printed.matchAll(/^\t(\S+) \(.*\) => (\S+)$/gm)].map(([, name]) => name));
  expect([...loaderCache("/etc/ld.so.cache").keys()].sort()).toEqual([...names].sort());
  expect(loaderCache("/etc/passwd").size).toBe(0);
  expect(loaderCache("/nowhere").size).toBe(0);
});

test("a library that is not there is told, with who needs it", () => {
  const elf = {
    architecture: "amd64",
    interpreter: "/lib64/ld-linux-x86-64.so.2",
    needed: ["libnowhere.so.1"],
    runPath: ["$ORIGIN/../lib"],
  };
  expect(() => librariesOf("/opt/bin/node", elf)).toThrow("/opt/bin/node needs libnowhere.so.1, which is not on this machine");
});

test("what is no ELF file, or a piece of one, is told as such, whatever it is", () => {
  expect(readElf(Buffer.from("#!/bin/sh\n"))).toBeUndefined();
  expect(readElf(Buffer.alloc(0))).toBeUndefined();
  const head = node.subarray(0, 4096);
  for (let length = 0; length < head.length; length += 7) expect(() => readElf(head.subarray(0, length))).not.toThrow();
  // Each byte of the header, turned around.
  for (let at = 4; at < 1024; at++) {
    const changed = Buffer.from(head);
    changed[at] = (changed[at] ?? 0) ^ 0xff;
    expect(() => readElf(changed)).not.toThrow();
  }
});

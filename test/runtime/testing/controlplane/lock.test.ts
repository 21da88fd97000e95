import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { withLock } from "../../../../runtime/testing/controlplane/lock.ts";

describe("a lock between processes", () => {
  let folder: string;
  let path: string;
  const said: string[] = [];
  const say = (text: string) => said.push(text);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kubescaffold-lock-"));
    path = join(folder, "lock");
    said.length = 0;
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("is held while the work runs and gone afterwards, also when the work fails", async () => {
    const held = await withLock(path, say, () => Promise.resolve(existsSync(path)));
    expect(held).toBe(true);
    await expect(withLock(path, say, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await readdir(folder)).toEqual([]);
  });

  test("makes the second wait until the first is done, and tells it so", async () => {
    const order: string[] = [];
    const first = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<undefined>();
    const one = withLock(path, say, async () => {
      begun.resolve(undefined);
      await first.promise;
      order.push("first");
    });
    await begun.promise;
    const two = withLock(
      path,
      (text) => {
        say(text);
        first.resolve(undefined);
      },
      (waited) => {
        order.push(`second, waited: ${waited}`);
        return Promise.resolve();
      },
    );
    await Promise.all([one, two]);
    expect(order).toEqual(["first", "second, waited: true"]);
    expect(said).toEqual([expect.stringContaining(`waiting for process ${process.pid}`)]);
  });

  test("is taken over from a process that is gone", async () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await writeFile(path, String(pid));
    const waited = await withLock(path, say, (before) => Promise.resolve(before));
    expect(waited).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });
});

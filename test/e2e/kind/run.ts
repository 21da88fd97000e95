import { runProgram, type RunOptions } from "../../../generators/program.ts";

/** Runs a program of PATH to its end, and returns what it prints. Throws when it is not there, or fails. */
export async function run(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, out, err } = await runProgram(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} (${code ?? "not found"}): ${err}`);
  return out.toString();
}

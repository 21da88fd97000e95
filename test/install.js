// What a checkout needs before anything in it runs: its dependencies, and a Node that runs TypeScript.
// Any Node from 12.17 on reads this file: no dependency, no newer syntax.
import { spawnSync } from "child_process";
import { existsSync, readFileSync } from "fs";
import { delimiter, dirname, join } from "path";

const wanted = [22, 19];

/**
 * Installs the dependencies that package-lock.json names, unless they are there. Returns what went wrong, or undefined.
 * `npm ci` refuses a lock that lacks another platform's optional packages, as one made behind an incomplete mirror of the registry
 * does; `npm install` takes the locked versions all the same.
 */
export function installDependencies(root) {
  if (upToDate(root)) {
    return undefined;
  }
  process.stderr.write("Installing the dependencies (npm ci), once …\n");
  const clean = npm(root, ["ci"]);
  if (clean.error) {
    return "The dependencies are missing and npm does not run (" + clean.error.message + "): install Node with npm, then try again.";
  }
  if (clean.status === 0) {
    return undefined;
  }
  const reason = clean.stderr.split("\n").filter((line) => /^npm (error|ERR!) (code|Missing|Invalid)/.test(line));
  process.stderr.write(reason.slice(0, 3).join("\n") + "\nnpm ci does not take package-lock.json; trying npm install …\n");
  const { status, stderr } = npm(root, ["install", "--no-save"]);
  return status === 0 ? undefined : stderr + "\nnpm install failed, see above: mend that, then try again.";
}

function npm(root, args) {
  const [command, first] = /npm-cli\.c?js$/.test(process.env.npm_execpath || "")
    ? [process.execPath, [process.env.npm_execpath]]
    : ["npm", []];
  return spawnSync(command, first.concat(args, "--no-audit", "--no-fund"), {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

/** npm writes down in node_modules what it has installed, when it is done; that has to be what package-lock.json wants. */
function upToDate(root) {
  const installed = lockedPackages(join(root, "node_modules", ".package-lock.json"));
  const lock = lockedPackages(join(root, "package-lock.json"));
  if (!installed || !lock) {
    return Boolean(installed);
  }
  return Object.keys(lock).every((path) => {
    const { version, optional, devOptional, peer } = lock[path];
    const found = installed[path];
    return !path.includes("node_modules/") || (found ? found.version === version : Boolean(optional || devOptional || peer));
  });
}

function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

/** Path of a Node that is new enough: the one in node_modules, else the one that runs this. Undefined when neither is. */
export function newEnoughNode(root) {
  return [join(root, "node_modules", "node", "bin", "node"), process.execPath].find((node) => {
    const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
    const [major, minor] = status === 0 ? stdout.replace("v", "").split(".").map(Number) : [0, 0];
    return major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
  });
}

export const noNode =
  "This needs Node " +
  wanted.join(".") +
  " or newer, and " +
  process.version +
  " is here: install one from https://nodejs.org, then try again.";

/** The environment in which `node` and the commands of the dependencies are found. */
export function environment(root, node) {
  const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].filter(Boolean).join(delimiter);
  return Object.assign({}, process.env, { PATH: path });
}

#!/usr/bin/env node
// Starts the command line under a Node that can run it. Plain JavaScript that Node 12 reads: whoever has an old Node
// gets a new one (the project's own, else by npm), or one clear sentence, but never a stack trace.
import { spawn } from "child_process";
import { existsSync, statSync } from "fs";
import { dirname, join } from "path";
import { fileURLToPath, pathToFileURL } from "url";

var here = dirname(fileURLToPath(import.meta.url));
// Sources in a checkout, JavaScript in the published package.
var main = [join(here, "main.ts"), join(here, "main.js")].filter(existsSync)[0];
var needed = [22, 19];
var marker = "KUBESCAFFOLD_NODE_TRIED";
var windows = process.platform === "win32";

function isNewEnough(version) {
  var parts = version.replace(/^v/, "").split(".").map(Number);
  return parts[0] > needed[0] || (parts[0] === needed[0] && parts[1] >= needed[1]);
}

/** node_modules/.bin/node, from a folder up to the root of the disk. */
function nodesAbove(folder, found) {
  var candidate = join(folder, "node_modules", ".bin", windows ? "node.cmd" : "node");
  if (existsSync(candidate) && statSync(candidate).isFile()) found.push(candidate);
  return dirname(folder) === folder ? found : nodesAbove(dirname(folder), found);
}

function versionOf(node, next) {
  var output = "";
  var child = spawn(node, ["--version"], { stdio: ["ignore", "pipe", "ignore"], shell: windows });
  child.on("error", function () {
    next("");
  });
  child.stdout.on("data", function (chunk) {
    output += chunk;
  });
  child.on("close", function () {
    next(output.trim());
  });
}

function giveUp(reason) {
  process.stderr.write(
    "kubescaffold needs Node " +
      needed.join(".") +
      " or newer, and this is " +
      process.version +
      "; " +
      reason +
      ": install a newer Node (https://nodejs.org) and run the command again.\n",
  );
  process.exit(1);
}

/** Runs a command in our place: its input and output, its signals, its exit code. */
function become(command, args, onMissing) {
  var env = Object.assign({}, process.env);
  env[marker] = "1";
  var child = spawn(command, args, { stdio: "inherit", env: env, shell: windows });
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach(function (signal) {
    process.on(signal, function () {
      // A terminal sends SIGINT to the whole group, the child included.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  });
  child.on("error", onMissing);
  child.on("exit", function (code, signal) {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exit(code === null ? 1 : code);
    }
  });
}

/** The first candidate that is new enough; when there is none, Node 24 by npm. */
function tryNodes(candidates) {
  if (candidates.length === 0) {
    fetchNode();
    return;
  }
  versionOf(candidates[0], function (version) {
    if (version && isNewEnough(version)) become(candidates[0], [main].concat(process.argv.slice(2)), fetchNode);
    else tryNodes(candidates.slice(1));
  });
}

function fetchNode() {
  // Asked for first without running anything of ours, so that a failure of npm is told from one of the command.
  var npm = windows ? "npm.cmd" : "npm";
  var exec = ["exec", "--yes", "--package=node@24", "--"];
  var output = "";
  var probe = spawn(npm, exec.concat(["node", "--version"]), { stdio: ["ignore", "pipe", "ignore"], shell: windows });
  probe.stdout.on("data", function (chunk) {
    output += chunk;
  });
  probe.on("error", function () {
    giveUp("npm, which could fetch one, is not there");
  });
  probe.on("close", function (code) {
    if (code !== 0 || !isNewEnough(output.trim())) giveUp("npm could not fetch one");
    else
      become(npm, exec.concat(["node", main], process.argv.slice(2)), function () {
        giveUp("npm could not run one");
      });
  });
}

// Compiled code is kept from run to run where Node can do that, for what is loaded here is large.
if (isNewEnough(process.version))
  import("module").then(function (module) {
    if (module.default.enableCompileCache) module.default.enableCompileCache();
    return import(pathToFileURL(main).href);
  });
else if (process.env[marker]) giveUp("so is the one that was found instead");
else tryNodes(nodesAbove(process.cwd(), []).concat(nodesAbove(here, [])));

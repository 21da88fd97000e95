import type http from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Fate, WatchFault } from "./plan.ts";

interface Pass {
  upstream: http.IncomingMessage;
  response: http.ServerResponse;
  fate: Fate<WatchFault> | undefined;
  longestDelay: number;
  signal: AbortSignal;
  /** True once the faults have stopped. */
  isCalm: () => boolean;
}

interface Event {
  type: string;
  object: { metadata?: { uid?: string } };
}

/** Hands a watch on line by line, until its fault comes up after some lines. What is late keeps its order. */
export async function passWatch({ upstream, response, fate, longestDelay, signal, isCalm }: Pass): Promise<void> {
  response.writeHead(upstream.statusCode ?? 0, { "content-type": upstream.headers["content-type"] ?? "application/json" });
  response.flushHeaders();
  const isLate = fate?.fault === "watch late" || fate?.fault === "watch late and coalesced";
  let left = fate === undefined || isLate ? Infinity : Math.floor(fate.extent * 8);
  let rest = "";
  try {
    for await (const part of upstream.setEncoding("utf8")) {
      const lines = (rest + (part as string)).split("\n");
      rest = lines.pop() ?? "";
      const victim = isCalm() ? undefined : lines[left];
      if (victim !== undefined) {
        response.write(lines.slice(0, left).map(ended).join(""));
        happen(fate?.fault, victim, response);
        return;
      }
      left = Math.max(left - lines.length, 0);
      // Reading goes on only when this part is out: what came meanwhile is in the next one, in its order.
      if (isLate && !isCalm()) await wait(longestDelay * fate.extent, undefined, { signal });
      response.write((fate?.fault === "watch late and coalesced" ? coalesced(lines) : lines).map(ended).join(""));
    }
    response.end(rest);
  } catch {
    response.socket?.destroy(); // the server broke it off, or the operator is gone
  }
}

function happen(fault: WatchFault | undefined, line: string, response: http.ServerResponse): void {
  const { socket } = response;
  const half = line.slice(0, line.length / 2);
  switch (fault) {
    case "watch cut in mid-line":
      response.write(half, () => socket?.destroy());
      break;
    case "watch silent":
      break; // open, and nothing more comes
    case "watch 410": {
      const object = {
        kind: "Status",
        apiVersion: "v1",
        status: "Failure",
        reason: "Expired",
        code: 410,
        message: "too old resource version",
      };
      response.end(ended(JSON.stringify({ type: "ERROR", object })));
      break;
    }
    case "watch garbage":
      response.end(half + "\u0000\ufffd}{\n");
      break;
    case "watch broken chunk":
      socket?.end("nonsense\r\n" + line);
      break;
    default:
      socket?.destroy();
  }
}

/** Without the changes of an object that are followed by another change of it: what somebody sees who looked away in between. */
function coalesced(lines: readonly string[]): string[] {
  const events = lines.map((line) => JSON.parse(line) as Event);
  return lines.filter((_line, at) => {
    const event = events[at];
    if (event?.type !== "MODIFIED") return true;
    const next = events.slice(at + 1).find(({ object }) => object.metadata?.uid === event.object.metadata?.uid);
    return next?.type !== "MODIFIED";
  });
}

function ended(line: string): string {
  return line + "\n";
}

"""What is seen from outside: objects by a watch, requests by the audit log, CPU time by process."""
import collections
import json
import os
import threading
import time

from .controlplane import Conn
from .processes import Failed, cpu_seconds, log, machine_cpu

WRITES = {"create", "update", "patch", "delete", "deletecollection"}


class Watch(threading.Thread):
    """Follows a resource until done(object) has held for n of its objects."""

    def __init__(self, cp, path, n, done):
        super().__init__(daemon=True)
        version = cp.must("GET", path + "?limit=1")["metadata"]["resourceVersion"]
        self.conn = Conn(cp)
        self.conn.send("GET", f"{path}?watch=1&resourceVersion={version}")
        self.n, self.done, self.names = n, done, set()
        self.finished = threading.Event()
        self.half = self.end = self.error = None
        self.start()

    def run(self):
        rest = b""
        try:
            for chunk in self.conn.chunks():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise Failed(f"watch: {event['object']}")
                    if event["type"] != "DELETED" and self.done(event["object"]):
                        self.names.add(event["object"]["metadata"]["name"])
                if self.half is None and len(self.names) * 2 >= self.n:
                    self.half = time.monotonic()
                if len(self.names) >= self.n:
                    self.end = time.monotonic()
                    return
            raise Failed("watch ended early")
        except Exception as e:
            self.error = e
        finally:
            self.finished.set()

    def wait(self, subject, timeout):
        limit, shown = time.monotonic() + timeout, time.monotonic()
        while not self.finished.wait(0.25):
            subject.alive()
            if time.monotonic() - shown > 10:
                shown = time.monotonic()
                log(f"{subject.name}: {len(self.names)}/{self.n}")
            if time.monotonic() > limit:
                raise Failed(f"{subject.name}: {len(self.names)}/{self.n} after {timeout} s")
        if self.error:
            raise Failed(str(self.error))


class Audit:
    """Counts the subject's requests from the API server's audit log."""

    def __init__(self, cp, user):
        self.path, self.user = cp.audit, user
        self.offset = os.path.getsize(self.path) if os.path.exists(self.path) else 0

    def take(self):
        """Requests since the last call: writes and reads by verb and resource."""
        writes, reads, failed = collections.Counter(), collections.Counter(), collections.Counter()
        with open(self.path, "rb") as f:
            f.seek(self.offset)
            for line in f:
                if not line.endswith(b"\n"):
                    break
                self.offset += len(line)
                event = json.loads(line)
                if event["user"]["username"] != self.user:
                    continue
                ref = event.get("objectRef", {})
                what = "/".join(filter(None, (ref.get("resource"), ref.get("subresource"))))
                key, code = f"{event['verb']} {what}".strip(), event.get("responseStatus", {}).get("code", 0)
                if event["verb"] in WRITES:
                    writes[key] += 1
                    if code >= 300:
                        failed[f"{key} {code}"] += 1
                elif event["verb"] in ("get", "list") and what:
                    reads[key] += 1
        return {"writes": sum(writes.values()), "byVerb": dict(writes),
                "failedWrites": dict(failed), "reads": dict(reads)}


class Costs:
    """CPU seconds by process over a phase; "other" is the rest of the machine."""

    def __init__(self, cp, subject=None):
        self.cp, self.subject = cp, subject
        self.begin = self.now()

    def now(self):
        out = dict(self.cp.cpu(), driver=sum(os.times()[:2]))
        out["subject"] = cpu_seconds(self.subject.pid) if self.subject else 0.0
        out["other"] = machine_cpu() - sum(out.values())
        return out

    def take(self, subject=None):
        self.subject = subject or self.subject
        return {k: round(v - self.begin[k], 2) for k, v in self.now().items()}

"""Memory and time that it takes to cache N objects."""
import base64
import json
import os
import signal
import time

from .controlplane import NS, ControlPlane, parallel
from .processes import Failed, Subject, log, memory_mib, wait_quiet
from .table import table


def config_map(i):
    return {"metadata": {"name": f"config-{i:05d}", "labels": {"app.kubernetes.io/name": f"app-{i % 100}"}},
            "data": {"LOG_LEVEL": "info", "HTTP_PORT": "8080", "FEATURES": "search,checkout,reviews",
                     "DATABASE_URL": f"postgres://app-{i}.db.svc.cluster.local:5432/app?sslmode=verify-full"}}


def secret(i):
    value = lambda k, size: base64.b64encode(
        (f"{i}-{k}-".encode() * size)[:size]).decode()
    return {"metadata": {"name": f"secret-{i:05d}", "labels": {"app.kubernetes.io/name": f"app-{i % 100}"}},
            "type": "Opaque", "data": {"username": value("u", 12), "password": value("p", 32), "token": value("t", 240)}}


def pod(i):
    app = f"app-{i % 500}"
    return {
        "metadata": {
            "name": f"{app}-7d9c6b8f5d-{i:05d}",
            "labels": {"app.kubernetes.io/name": app, "app.kubernetes.io/version": "1.4.2", "pod-template-hash": "7d9c6b8f5d"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-7d9c6b8f5d",
                                 "uid": f"6d0b4f6e-0000-4000-8000-{i % 500:012d}", "controller": True, "blockOwnerDeletion": True}]},
        "spec": {
            "nodeName": f"node-{i % 100}", "serviceAccountName": app,
            "containers": [{
                "name": "app", "image": f"registry.example.com/team/{app}:1.4.2",
                "ports": [{"name": "http", "containerPort": 8080}],
                "env": [{"name": "LOG_LEVEL", "value": "info"}],
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}},
                "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}}}]}}


def pod_status(i):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    address = f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"
    return {"status": {
        "phase": "Running", "hostIP": f"192.168.0.{i % 100}", "podIP": address, "podIPs": [{"ip": address}], "startTime": now,
        "conditions": [{"type": t, "status": "True", "lastTransitionTime": now}
                       for t in ("Initialized", "Ready", "ContainersReady", "PodScheduled")],
        "containerStatuses": [{
            "name": "app", "image": f"registry.example.com/team/app-{i % 500}:1.4.2", "ready": True, "started": True,
            "imageID": f"registry.example.com/team/app@sha256:{i:064x}", "containerID": f"containerd://{i:064x}",
            "restartCount": 0, "state": {"running": {"startedAt": now}}}]}}


def cache_one(args, cp, name, command):
    wait_quiet(args.quiet)
    user = "subject-" + name
    subject = Subject(name, command, {"KUBECONFIG": cp.kubeconfig(user), "BENCH_KIND": args.kind},
                      os.path.join(args.work, f"{user}.log"), kind=args.kind, kubeconfig=cp.kubeconfig(user))
    try:
        is_json = lambda text: text.startswith("{")
        wall, line = subject.line(is_json, args.timeout)
        own = json.loads(line)
        if not args.n <= own["objects"] <= args.n + 10:  # the server makes a few of its own
            raise Failed(f"{name}: {own['objects']} objects, wanted {args.n}")
        synced = subject.usage()
        time.sleep(5)
        before = memory_mib(subject.pid, "VmRSS")
        os.kill(subject.pid, signal.SIGUSR1)
        again = json.loads(subject.line(is_json, 60, skip=1)[1])
        return {"subject": name, "kind": args.kind, "wallSeconds": wall, "synced": synced,
                "rssAfter5sMiB": before, "own": own, "again": again, "end": subject.usage()}
    finally:
        subject.stop()


CACHE_ROWS = [
    ("objects", "own.objects"),
    ("start to synced and reported, s", "wallSeconds"),
    ("sync as the subject says, s", "own.syncSeconds"),
    ("RSS at start, MiB (own)", "own.rssStartMiB"),
    ("RSS at sync before GC, MiB (own)", "own.rssBeforeGCMiB"),
    ("RSS after forced GC, MiB (own)", "own.rssMiB"),
    ("RSS 5 s later, MiB", "rssAfter5sMiB"),
    ("RSS after second GC, MiB (own)", "again.rssMiB"),
    ("peak RSS, MiB", "end.rssPeakMiB"),
    ("CPU, s", "end.cpuSeconds"),
]


def cache(args):
    kinds = {"ConfigMap": ("configmaps", config_map), "Secret": ("secrets", secret), "Pod": ("pods", pod)}
    resource, make = kinds[args.kind]
    path = f"/api/v1/namespaces/{NS}/{resource}"
    cp = ControlPlane(args)
    try:
        cp.up(["subject-" + name for name, _ in args.subject])
        load = parallel(cp, args.n, lambda i: ("POST", path + "?fieldManager=kube-controller-manager", make(i)))
        if args.kind == "Pod":
            load += parallel(cp, args.n, lambda i: (
                "PATCH", f"{path}/{pod(i)['metadata']['name']}/status?fieldManager=kubelet", pod_status(i),
                "application/strategic-merge-patch+json"))
        page = cp.must("GET", path + "?limit=200")["items"]
        size = lambda items: round(len(json.dumps(items, separators=(",", ":"))) / len(items))
        data = {"loadSeconds": load, "bytesPerObject": size(page)}
        for item in page:
            item["metadata"].pop("managedFields", None)
        data["bytesWithoutManagedFields"] = size(page)
        log(f"created {args.n} {args.kind} in {load:.1f} s, {data['bytesPerObject']} B of JSON each "
            f"({data['bytesWithoutManagedFields']} without managedFields)")
        time.sleep(args.settle)
        results = [{**cache_one(args, cp, name, command), **data}
                   for _ in range(args.repeat) for name, command in args.subject]
    finally:
        if not args.keep:
            cp.down()
    table(f"cache, {args.n} {args.kind} of {data['bytesPerObject']} B JSON", CACHE_ROWS, results)
    return results

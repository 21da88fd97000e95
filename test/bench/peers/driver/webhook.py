"""N admission reviews of a webhook, after its answers were found right."""
import argparse
import base64
import json
import os
import subprocess

from .controlplane import NS, Conn
from .processes import Failed, Subject, cpu_seconds, log, machine_cpu, memory_mib, wait_quiet
from .table import table

LABELS = ["app.kubernetes.io/" + n for n in
          ("name", "instance", "version", "component", "part-of", "managed-by")]


def review(kind, labels):
    group = "apps" if kind == "Deployment" else ""
    obj = {"apiVersion": "apps/v1" if group else "v1", "kind": kind,
           "metadata": {"name": "web", "namespace": NS, "labels": labels, "annotations": {
               "deployment.kubernetes.io/revision": "1", "example.com/contact": "team-web@example.com"}}}
    if kind == "Deployment":
        obj["spec"] = {
            "replicas": 3, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "schedulerName": "default-scheduler", "securityContext": {"runAsNonRoot": True},
                "containers": [{
                    "name": "web", "image": "registry.example.com/web:1.4.2", "imagePullPolicy": "IfNotPresent",
                    "args": ["--port=8080", "--log-level=info"],
                    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                    "env": [{"name": f"SETTING_{k}", "value": f"value-{k}"} for k in range(6)],
                    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10,
                                       "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3},
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                    "volumeMounts": [{"name": "config", "mountPath": "/etc/web", "readOnly": True}]}],
                "volumes": [{"name": "config", "configMap": {"name": "web", "defaultMode": 420}}]}}}
    elif kind == "Pod":
        obj["spec"] = {"restartPolicy": "Always", "containers": [{
            "name": "web", "image": "registry.example.com/web:1.4.2", "imagePullPolicy": "IfNotPresent", "resources": {},
            "env": [{"name": f"SETTING_{k}", "value": f"value-{k}"} for k in range(1000)]}]}
    else:
        obj["spec"] = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]}
    gvk = {"group": group, "version": "v1", "kind": kind}
    gvr = {"group": group, "version": "v1", "resource": kind.lower() + "s"}
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "kind": gvk, "resource": gvr, "requestKind": gvk,
        "requestResource": gvr, "name": "web", "namespace": NS, "operation": "CREATE",
        "userInfo": {"username": "admin", "groups": ["system:masters", "system:authenticated"]},
        "object": obj, "oldObject": None, "dryRun": False,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"}}}


def ask(port, path, body):
    """The response of the webhook to one review, by Python's own client."""
    cp = argparse.Namespace(port=port)
    status, data = Conn(cp).request("POST", path, body)
    if status != 200:
        raise Failed(f"{path}: {status} {data[:300]!r}")
    out = json.loads(data)
    if out.get("kind") != "AdmissionReview" or out["response"]["uid"] != body["request"]["uid"]:
        raise Failed(f"{path}: not a review of this request: {data[:300]!r}")
    return out["response"]


def label_ops(response):
    """Operations on labels: a typed webhook may also patch in an empty status."""
    ops = json.loads(base64.b64decode(response.get("patch", "") or b"W10="))
    return [op for op in ops if op["path"].startswith("/metadata/labels")]


def check_webhook(port):
    """The answers are right before they are counted."""
    for kind in ("Deployment", "Service", "Pod"):
        for have in (None, {"app": "web"}, {"app": "web", LABELS[0]: "kept"}):
            body = review(kind, have)
            if have is None:
                del body["request"]["object"]["metadata"]["labels"]
            response = ask(port, "/mutate", body)
            labels = None if have is None else dict(have)
            for op in label_ops(response):
                path = op["path"].split("/")[1:]
                if len(path) == 2:
                    labels = dict(op["value"])
                else:
                    labels[path[2].replace("~1", "/")] = op["value"]
            want = {**{k: "not_available" for k in LABELS}, **(have or {})}
            if not response["allowed"] or response["patchType"] != "JSONPatch" or labels != want:
                raise Failed(f"/mutate {kind} {have}: labels become {labels}")
            if ask(port, "/validate", body)["allowed"]:
                raise Failed(f"/validate {kind}: allowed without labels")
        full = review(kind, {k: "x" for k in LABELS})
        if label_ops(ask(port, "/mutate", full)):
            raise Failed(f"/mutate {kind}: patches a complete object")
        if not ask(port, "/validate", full)["allowed"]:
            raise Failed(f"/validate {kind}: denies a complete object")


# name, path, kind, its labels, what is in the answer, the share of the requests
SCENARIOS = [("mutate", "/mutate", "Deployment", {"app": "web"}, '"patch":', 1),
             ("deny", "/validate", "Deployment", {"app": "web"}, '"allowed":false', 1),
             ("allow", "/validate", "Deployment", {k: "x" for k in LABELS}, '"allowed":true', 1),
             ("pod", "/mutate", "Pod", {k: "x" for k in LABELS[1:]}, '"patch":', 0.1)]


def webhook_one(args, name, command, cert, key):
    wait_quiet(args.quiet)
    subject = Subject(name, command, {"TLS_CERT_FILE": cert, "TLS_KEY_FILE": key, "PORT": str(args.port)},
                      os.path.join(args.work, f"webhook-{name}.log"), cert=cert, key=key, port=args.port)
    result = {"subject": name, "n": args.n, "connections": args.connections}
    try:
        result["readySeconds"] = subject.ready()
        check_webhook(args.port)
        result["rssReadyMiB"] = memory_mib(subject.pid, "VmRSS")
        for scenario, path, kind, labels, expect, share in SCENARIOS:
            n = max(int(args.n * share), 1)
            body = os.path.join(args.work, f"review-{scenario}.json")
            with open(body, "w") as f:
                json.dump(review(kind, labels), f, separators=(",", ":"))
            load = lambda n: json.loads(subprocess.run(
                [args.loadgen, "-url", f"https://127.0.0.1:{args.port}{path}", "-body", body, "-n", str(n),
                 "-c", str(args.connections), "-expect", expect],
                check=True, stdout=subprocess.PIPE, text=True).stdout)
            if args.warmup:
                load(max(int(args.warmup * share), 1))
            before, all_before = cpu_seconds(subject.pid), machine_cpu()
            out = load(n)
            if out["failed"]:
                raise Failed(f"{name}: {out['failed']} wrong responses")
            cpu = cpu_seconds(subject.pid) - before
            other = machine_cpu() - all_before - cpu - out["clientCpuSeconds"]
            result[scenario] = {**out, **subject.usage(), "cpuSeconds": cpu, "otherCpuSeconds": other,
                                "cpuMicrosPerRequest": cpu / n * 1e6}
            log(f"{name}: {scenario} {out['reqPerSecond']:.0f} req/s")
        return result
    finally:
        subject.stop()


WEBHOOK_ROWS = [("start to READY, s", "readySeconds"), ("RSS at READY, MiB", "rssReadyMiB")] + [
    (f"{s}: {label}", f"{s}.{key}") for s, *_ in SCENARIOS for label, key in (
        ("req/s", "reqPerSecond"), ("p50, ms", "p50ms"), ("p99, ms", "p99ms"), ("max, ms", "maxms"),
        ("CPU s subject", "cpuSeconds"), ("CPU us/request", "cpuMicrosPerRequest"),
        ("CPU s load client", "clientCpuSeconds"), ("CPU s all else", "otherCpuSeconds"), ("RSS MiB", "rssMiB"), ("peak RSS MiB", "rssPeakMiB"))]


def webhook(args):
    cert, key = (os.path.join(args.work, "tls." + ext) for ext in ("crt", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
                    "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, capture_output=True)
    results = [webhook_one(args, name, command, cert, key)
               for _ in range(args.repeat) for name, command in args.subject]
    table(f"webhook, N={args.n}, {args.connections} connections", WEBHOOK_ROWS, results)
    return results

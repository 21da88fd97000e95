"""N Memcacheds to Deployments and a status, an update of all, and a restart with nothing to do."""
import os
import time

from .controlplane import NS, Conn, ControlPlane, parallel
from .observe import Audit, Costs, Watch
from .processes import Failed, Subject, log, wait_quiet
from .table import table

CRD = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "memcached-crd.yaml")
CR = f"/apis/cache.example.com/v1alpha1/namespaces/{NS}/memcacheds"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NS}/deployments"


def available(obj):
    return any(c["type"] == "Available" and c["status"] == "True"
               for c in obj.get("status", {}).get("conditions", ()))


def count(cp, path):
    meta = cp.must("GET", path + "?limit=1")
    return len(meta["items"]) + meta["metadata"].get("remainingItemCount", 0)


def verify(cp, n, size):
    """Every Memcached is Available and owns a Deployment of the right size."""
    crs = {o["metadata"]["name"]: o for o in cp.must("GET", CR)["items"]}
    deps = {o["metadata"]["name"]: o for o in cp.must("GET", DEPLOYMENTS)["items"]}
    bad = [name for name, cr in crs.items() if not (
        available(cr) and name in deps and deps[name]["spec"]["replicas"] == size
        and any(r["uid"] == cr["metadata"]["uid"] and r.get("controller")
                for r in deps[name]["metadata"].get("ownerReferences", ()))
        and not cr["metadata"].get("finalizers"))]
    if len(crs) != n or len(deps) != n or bad:
        raise Failed(f"wrong state: {len(crs)} CRs, {len(deps)} Deployments, {len(bad)} bad: {bad[:3]}")


def converge_one(args, name, command, n):
    user = "subject-" + name
    cp = ControlPlane(args)
    subject = None
    result = {"subject": name, "n": n}
    wait_quiet(args.quiet)
    try:
        cp.up([user])
        with open(CRD) as f:
            cp.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", f.read(), "application/yaml")
        while Conn(cp).request("GET", CR)[0] != 200:
            time.sleep(0.1)
        time.sleep(1)
        load = parallel(cp, n, lambda i: ("POST", CR, {
            "apiVersion": "cache.example.com/v1alpha1", "kind": "Memcached",
            "metadata": {"name": f"memcached-{i:05d}"},
            "spec": {"size": 1, "containerPort": 11211}}))
        result["loadSeconds"] = load
        log(f"{name}: created {n} Memcached in {load:.1f} s")
        time.sleep(args.settle)

        start = lambda: Subject(name, command, {"KUBECONFIG": cp.kubeconfig(user)},
                                os.path.join(args.work, f"{user}.log"), kubeconfig=cp.kubeconfig(user))
        # 1. From nothing.
        audit, watch, costs = Audit(cp, user), Watch(cp, CR, n, available), Costs(cp)
        subject = start()
        ready = subject.ready()
        watch.wait(subject, args.timeout)
        while count(cp, DEPLOYMENTS) < n:
            subject.alive()
            watch.end = time.monotonic()
        result["converge"] = phase = {
            "readySeconds": ready, "seconds": watch.end - subject.started,
            "halfSeconds": watch.half - subject.started}
        phase["objectsPerSecond"] = n / (phase["seconds"] - ready)
        phase.update(cpu=costs.take(subject), **subject.usage())
        log(f"{name}: converged in {phase['seconds']:.1f} s")
        time.sleep(2)
        phase.update(audit.take())
        verify(cp, n, 1)
        costs = Costs(cp, subject)
        time.sleep(args.steady)
        result["steady"] = {"seconds": args.steady, "cpu": costs.take(), **subject.usage(), **audit.take()}

        # 2. Every spec changes.
        watch = Watch(cp, DEPLOYMENTS, n, lambda o: o["spec"]["replicas"] == 2)
        costs, begin = Costs(cp, subject), time.monotonic()
        load = parallel(cp, n, lambda i: ("PATCH", f"{CR}/memcached-{i:05d}", {"spec": {"size": 2}},
                                          "application/merge-patch+json"))
        watch.wait(subject, args.timeout)
        result["update"] = {"loadSeconds": load, "seconds": watch.end - begin,
                            "lagSeconds": max(0.0, watch.end - begin - load),
                            "cpu": costs.take(), **subject.usage()}
        log(f"{name}: converged again in {watch.end - begin:.1f} s")
        time.sleep(2)
        result["update"].update(audit.take())
        verify(cp, n, 2)

        # 3. A restart with nothing to do.
        result["stopSeconds"] = subject.stop()
        time.sleep(1)
        audit.take()
        costs, subject = Costs(cp), start()
        phase = {"readySeconds": subject.ready(), "idleSeconds": subject.idle()}
        phase.update(cpu=costs.take(subject), **subject.usage())
        time.sleep(5)
        result["restart"] = {**phase, **audit.take()}
        verify(cp, n, 2)
        return result
    finally:
        if subject:
            subject.stop()
        if not args.keep:
            cp.down()


CONVERGE_ROWS = [
    ("create N CRs by driver, s", "loadSeconds"),
    ("converge: READY, s", "converge.readySeconds"),
    ("converge: all N, s", "converge.seconds"),
    ("converge: objects/s after READY", "converge.objectsPerSecond"),
    ("converge: writes", "converge.writes"),
    ("converge: writes by verb", "converge.byVerb"),
    ("converge: failed writes", "converge.failedWrites"),
    ("converge: reads", "converge.reads"),
    ("converge: CPU s subject", "converge.cpu.subject"),
    ("converge: CPU s apiserver", "converge.cpu.apiserver"),
    ("converge: CPU s etcd", "converge.cpu.etcd"),
    ("converge: CPU s driver", "converge.cpu.driver"),
    ("converge: CPU s all else on the machine", "converge.cpu.other"),
    ("converge: RSS MiB", "converge.rssMiB"),
    ("converge: peak RSS MiB", "converge.rssPeakMiB"),
    ("steady: writes", "steady.writes"),
    ("steady: CPU s subject", "steady.cpu.subject"),
    ("steady: RSS MiB", "steady.rssMiB"),
    ("update: driver patches, s", "update.loadSeconds"),
    ("update: all N, s", "update.seconds"),
    ("update: lag after last patch, s", "update.lagSeconds"),
    ("update: writes", "update.writes"),
    ("update: writes by verb", "update.byVerb"),
    ("update: failed writes", "update.failedWrites"),
    ("update: CPU s subject", "update.cpu.subject"),
    ("update: CPU s apiserver", "update.cpu.apiserver"),
    ("update: CPU s all else on the machine", "update.cpu.other"),
    ("update: peak RSS MiB", "update.rssPeakMiB"),
    ("stop, s", "stopSeconds"),
    ("restart: READY, s", "restart.readySeconds"),
    ("restart: idle, s", "restart.idleSeconds"),
    ("restart: writes", "restart.writes"),
    ("restart: CPU s subject", "restart.cpu.subject"),
    ("restart: RSS MiB", "restart.rssMiB"),
    ("restart: peak RSS MiB", "restart.rssPeakMiB"),
]


def converge(args):
    results = [converge_one(args, name, command, args.n)
               for _ in range(args.repeat) for name, command in args.subject]
    table(f"converge, N={args.n}", CONVERGE_ROWS, results)
    return results

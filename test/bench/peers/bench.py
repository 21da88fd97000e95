#!/usr/bin/env python3
"""Measures Kubernetes operators, caches and webhooks ("subjects") side by side.

A subject is any command: NAME=CMD. It finds the API server through KUBECONFIG
and prints READY (converge, webhook) or a line of JSON (cache) on stdout. The
control plane is a real etcd and kube-apiserver: KUBE_APISERVER and ETCD name
the binaries, or KUBEBUILDER_ASSETS the folder that holds both; without them
it is what `npm run test:cluster` has built.
"""
import argparse
import json
import os
import signal
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the folder holds sources only

from driver import cache, converge, webhook
from driver.controlplane import ControlPlane
from driver.processes import Failed
from driver.table import machine


def named(text):
    name, sep, command = text.partition("=")
    if not sep or not name.replace("-", "").isalnum():
        raise argparse.ArgumentTypeError("want NAME=CMD, the name of letters, digits and dashes")
    return name, command


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--work", default=os.environ.get("BENCH_WORK", os.path.join(tempfile.gettempdir(), "operator-bench")),
                        help="scratch folder (default: $BENCH_WORK, or operator-bench in $TMPDIR)")
    common.add_argument("--api-port", type=int, default=26443)
    common.add_argument("--etcd-port", type=int, default=22379, help="and the next one, for peers")
    bench = argparse.ArgumentParser(add_help=False)
    bench.add_argument("--subject", type=named, action="append", required=True, metavar="NAME=CMD")
    bench.add_argument("--repeat", type=int, default=1, help="rounds over all subjects")
    bench.add_argument("--out", help="write JSON here")
    bench.add_argument("--timeout", type=int, default=900, help="seconds for one phase")
    bench.add_argument("--settle", type=float, default=5, help="seconds of rest after loading")
    bench.add_argument("--quiet", type=int, default=0, metavar="S",
                       help="before each subject wait at most S seconds for an otherwise idle machine")
    bench.add_argument("--keep", action="store_true", help="leave the control plane running")
    commands = parser.add_subparsers(dest="command", required=True)

    p = commands.add_parser("converge", parents=[common, bench], help="N Memcached CRs to Deployments and status")
    p.add_argument("-n", type=int, default=10000)
    p.add_argument("--steady", type=int, default=20, help="seconds of steady state")
    p.set_defaults(run=converge.converge)
    p = commands.add_parser("cache", parents=[common, bench], help="memory and time to cache N objects; {kind} in CMD")
    p.add_argument("-n", type=int, default=10000)
    p.add_argument("--kind", choices=["ConfigMap", "Pod", "Secret"], default="ConfigMap")
    p.set_defaults(run=cache.cache)
    p = commands.add_parser("webhook", parents=[common, bench],
                            help="N admission reviews; {cert}, {key}, {port} in CMD")
    p.add_argument("-n", type=int, default=20000)
    p.add_argument("--connections", type=int, default=16)
    p.add_argument("--warmup", type=int, default=2000, help="uncounted reviews before each scenario")
    p.add_argument("--port", type=int, default=29443)
    p.add_argument("--loadgen", required=True, help="the loadgen binary that build.sh makes")
    p.set_defaults(run=webhook.webhook)
    p = commands.add_parser("controlplane", parents=[common], help="a control plane for work by hand")
    p.add_argument("action", choices=["up", "down"])
    p.set_defaults(run=None)
    args = parser.parse_args()
    args.work = os.path.abspath(args.work)
    os.makedirs(args.work, exist_ok=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    try:
        if args.command == "controlplane":
            cp = ControlPlane(args)
            if args.action == "down":
                print("stopped" if cp.down() else "not running")
            else:
                cp.up()
                print("\n".join(f"{who}: {cp.kubeconfig(who)}" for who in ("driver", "subject")))
            return
        load = os.getloadavg()[0]
        results = args.run(args)
        if args.out:
            report = {"bench": args.command, "date": time.strftime("%Y-%m-%d"), "machine": machine(),
                      "loadBefore": load, "subjects": [name for name, _ in args.subject], "results": results}
            if args.command != "webhook":
                report["versions"] = ControlPlane(args).versions()
            with open(args.out, "w") as f:
                json.dump(report, f, indent=1)
                f.write("\n")
    except Failed as e:
        sys.exit(f"bench: {e}")


if __name__ == "__main__":
    main()

"""A real etcd and kube-apiserver, and the driver's own way of talking to it."""
import base64
import glob
import itertools
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

from .processes import Failed, cpu_seconds, running

NS = "bench"


def free_port(port, patience=10):
    """Waits for the port: a killed server's threads close their sockets late."""
    end = time.monotonic() + patience
    while True:
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return s.bind(("127.0.0.1", port))
            except OSError:
                if time.monotonic() > end:
                    raise Failed(f"port {port} is in use: see --api-port, --etcd-port") from None
        time.sleep(0.1)


class ControlPlane:
    """etcd and kube-apiserver with an audit log, in one folder."""

    def __init__(self, args):
        self.dir = os.path.join(args.work, "controlplane")
        self.port, self.etcd_port = args.api_port, args.etcd_port
        self.audit = self.path("audit.log")

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    @staticmethod
    def binary(variable, name):
        assets = os.environ.get("KUBEBUILDER_ASSETS", "")
        caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        built = sorted(glob.glob(os.path.join(caches, "kubescaffold", "controlplane", "*", name)))
        for candidate in (os.environ.get(variable), os.path.join(assets, name), *built[::-1], shutil.which(name)):
            if candidate and os.access(candidate, os.X_OK):
                return candidate
        raise Failed(f"no {name}: `npm run test:cluster` builds one, or set {variable} or KUBEBUILDER_ASSETS")

    def up(self, subjects=("subject",)):
        """A fresh control plane; each subject is a user of its own."""
        self.down()
        for port in (self.port, self.etcd_port, self.etcd_port + 1):
            free_port(port)
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir, mode=0o700)
        run = lambda *cmd: subprocess.run(cmd, check=True, capture_output=True)
        run("openssl", "genrsa", "-out", self.path("sa.key"), "2048")
        run("openssl", "rsa", "-in", self.path("sa.key"), "-pubout", "-out", self.path("sa.pub"))
        rows = ["driver,driver,driver,system:masters"]
        rows += [f"{name},{name},{name},bench-subjects" for name in subjects]
        self._write("tokens.csv", "\n".join(rows) + "\n")
        self._write("audit.json", json.dumps({
            "apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitManagedFields": True,
            "omitStages": ["RequestReceived", "ResponseStarted"],
            "rules": [{"level": "Metadata", "userGroups": ["bench-subjects"]}, {"level": "None"}]}))
        etcd = f"http://127.0.0.1:{self.etcd_port}"
        peer = f"http://127.0.0.1:{self.etcd_port + 1}"
        pids = {"etcd": self._start("etcd", [
            self.binary("ETCD", "etcd"), "--data-dir", self.path("data"),
            "--listen-client-urls", etcd, "--advertise-client-urls", etcd,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}", "--unsafe-no-fsync",
            "--quota-backend-bytes", str(8 << 30)])}
        self._write("pids.json", json.dumps(pids))
        pids["apiserver"] = self._start("apiserver", [
            self.binary("KUBE_APISERVER", "kube-apiserver"), f"--etcd-servers={etcd}",
            f"--cert-dir={self.path('certs')}", f"--secure-port={self.port}",
            "--bind-address=127.0.0.1", "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={self.path('sa.pub')}",
            f"--service-account-signing-key-file={self.path('sa.key')}",
            f"--token-auth-file={self.path('tokens.csv')}", "--authorization-mode=RBAC",
            "--allow-privileged=true", "--disable-admission-plugins=ServiceAccount",
            f"--audit-policy-file={self.path('audit.json')}", f"--audit-log-path={self.audit}",
            "--audit-log-maxsize=100000"])
        self._write("pids.json", json.dumps(pids))
        self.pids = pids
        self._wait()
        for name in ("driver", *subjects):
            self._kubeconfig(name)
        self.must("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
            "metadata": {"name": "bench-subjects"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "bench-subjects"}]})
        self.must("POST", "/api/v1/namespaces", {"metadata": {"name": NS}})

    def down(self):
        """Ends the processes that up started in this folder, and only those."""
        try:
            with open(self.path("pids.json")) as f:
                pids = json.load(f)
        except OSError:
            return False
        for name in ("apiserver", "etcd"):
            pid = pids.get(name)
            if not pid or not self._ours(pid):
                continue
            os.kill(pid, signal.SIGKILL)
            while running(pid):
                time.sleep(0.05)
        os.remove(self.path("pids.json"))
        return True

    def _ours(self, pid):
        try:
            with open(f"/proc/{pid}/cmdline") as f:
                return self.dir in f.read()
        except OSError:
            return False

    def _write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def _start(self, name, command):
        with open(self.path(name + ".log"), "wb") as out:
            return subprocess.Popen(command, stdout=out, stderr=out, cwd=self.dir,
                                    start_new_session=True).pid

    def _wait(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if Conn(self).request("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise Failed(f"kube-apiserver is not ready: see {self.path('apiserver.log')}")

    def kubeconfig(self, name):
        return self.path(name + ".kubeconfig")

    def _kubeconfig(self, name):
        with open(self.path("certs", "apiserver.crt"), "rb") as f:
            ca = base64.b64encode(f.read()).decode()
        self._write(name + ".kubeconfig", f"""apiVersion: v1
kind: Config
clusters:
- name: bench
  cluster:
    server: https://127.0.0.1:{self.port}
    certificate-authority-data: {ca}
users:
- name: {name}
  user:
    token: {name}
contexts:
- name: bench
  context:
    cluster: bench
    user: {name}
    namespace: {NS}
current-context: bench
""")

    def must(self, method, path, body=None, ctype="application/json"):
        status, data = Conn(self).request(method, path, body, ctype)
        if status >= 300:
            raise Failed(f"{method} {path}: {status} {data[:300]!r}")
        return json.loads(data)

    def cpu(self):
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}

    def versions(self):
        first = lambda cmd: subprocess.run(cmd, capture_output=True, text=True).stdout.splitlines()[0]
        return {"kube-apiserver": first([self.binary("KUBE_APISERVER", "kube-apiserver"), "--version"]),
                "etcd": first([self.binary("ETCD", "etcd"), "--version"])}


class Conn:
    """One keep-alive TLS connection of the driver."""

    def __init__(self, cp):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # the driver talks to its own server on loopback
        raw = socket.create_connection(("127.0.0.1", cp.port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = context.wrap_socket(raw)
        self.file = self.sock.makefile("rb", 1 << 16)

    def send(self, method, path, body=None, ctype="application/json"):
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        body = body.encode() if isinstance(body, str) else body or b""
        self.sock.sendall((
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer driver\r\n"
            f"User-Agent: bench\r\nAccept: application/json\r\nContent-Type: {ctype}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        status = int(self.file.readline().split()[1])
        length = None
        while (line := self.file.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        return status, length

    def chunks(self):
        while size := int(self.file.readline() or b"0", 16):
            yield self.file.read(size)
            self.file.readline()
        self.file.readline()

    def request(self, *args):
        status, length = self.send(*args)
        return status, self.file.read(length) if length is not None else b"".join(self.chunks())


def parallel(cp, n, job, connections=16):
    """Sends job(i) -> (method, path, body[, type]) for each i < n; returns seconds."""
    numbers, errors = itertools.count(), []

    def work():
        try:
            conn = Conn(cp)
            while (i := next(numbers)) < n and not errors:
                request = job(i)
                status, data = conn.request(*request)
                if status >= 300:
                    errors.append(f"{request[0]} {request[1]}: {status} {data[:300]!r}")
        except Exception as e:  # reported below
            errors.append(repr(e))

    begin = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        raise Failed(errors[0])
    return time.monotonic() - begin

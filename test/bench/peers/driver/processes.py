"""Processes and what they cost: the subjects, and the machine as a whole."""
import collections
import os
import shlex
import signal
import subprocess
import sys
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    pass


def log(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def tree(root):
    """The pids of root and of all its descendants."""
    children = collections.defaultdict(list)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                children[int(f.read().rsplit(")", 1)[1].split()[1])].append(int(pid))
        except OSError:
            pass
    out = [root]
    for pid in out:
        out += children[pid]
    return out


def running(pid):
    """False once the process is gone or a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def cpu_seconds(root):
    """User and system time of the tree, with children already reaped."""
    total = 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/stat") as f:
                total += sum(map(int, f.read().rsplit(")", 1)[1].split()[11:15]))
        except OSError:
            pass
    return total / TICKS


def memory_mib(root, field):
    """VmRSS or VmHWM, summed over the tree."""
    total = 0
    for pid in tree(root):
        try:
            with open(f"/proc/{pid}/status") as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith(field + ":"))
        except OSError:
            pass
    return round(total / 1024, 1)


class Subject:
    def __init__(self, name, command, env, logfile, **placeholders):
        for key, value in placeholders.items():
            command = command.replace("{%s}" % key, str(value))
        self.name = name
        self.lines = []
        self.news = threading.Condition()
        self.started = time.monotonic()
        with open(logfile, "ab") as err:
            self.process = subprocess.Popen(
                shlex.split(command), env={**os.environ, **env}, stdout=subprocess.PIPE,
                stderr=err, text=True, start_new_session=True)
        self.pid = self.process.pid
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append((time.monotonic() - self.started, line.strip()))
                self.news.notify_all()
        with self.news:
            self.news.notify_all()

    def line(self, wanted, timeout, skip=0):
        """Waits for the (skip+1)th line that satisfies wanted: (seconds, line)."""
        end = time.monotonic() + timeout
        with self.news:
            while True:
                found = [entry for entry in self.lines if wanted(entry[1])]
                if len(found) > skip:
                    return found[skip]
                self.alive()
                if time.monotonic() > end:
                    raise Failed(f"{self.name}: nothing on stdout within {timeout} s")
                self.news.wait(0.2)

    def ready(self, timeout=120):
        return self.line(lambda text: text == "READY", timeout)[0]

    def alive(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name}: exited with {self.process.returncode}")

    def usage(self):
        return {"cpuSeconds": cpu_seconds(self.pid), "rssMiB": memory_mib(self.pid, "VmRSS"),
                "rssPeakMiB": memory_mib(self.pid, "VmHWM")}

    def idle(self, timeout=120, quiet=2.0):
        """Seconds from start until the tree last used more than a tenth of a core."""
        samples = collections.deque(maxlen=6)  # 0.5 s
        last = 0.0
        while True:
            self.alive()
            now = time.monotonic() - self.started
            samples.append(cpu_seconds(self.pid))
            if len(samples) < 6 or samples[-1] - samples[0] > 0.05:
                last = now
            if now - last >= quiet:
                return last
            if now > timeout:
                raise Failed(f"{self.name}: not idle within {timeout} s")
            time.sleep(0.1)

    def stop(self):
        """SIGTERM, then SIGKILL after 10 s, to the subject's own session."""
        begin = time.monotonic()
        for sig, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            if self.process.poll() is None:
                try:
                    os.killpg(self.pid, sig)
                    self.process.wait(patience)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass
        return time.monotonic() - begin


def machine_cpu():
    """Busy CPU seconds of the whole machine since boot."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, softirq = map(int, f.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS


def wait_quiet(limit):
    """Waits, at most limit seconds, until 5 s pass with the machine 90 % idle."""
    end = time.monotonic() + limit
    while limit:
        before = machine_cpu()
        time.sleep(5)
        if machine_cpu() - before < 0.5 * os.cpu_count():
            return
        if time.monotonic() > end:
            log(f"the machine is not quiet after {limit} s: going on")
            return

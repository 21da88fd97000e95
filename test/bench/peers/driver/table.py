"""Results as a table, and what they were measured on."""
import os
import platform


def table(title, rows, results):
    def cell(result, path):
        for key in path.split("."):
            result = result.get(key) if isinstance(result, dict) else None
        if isinstance(result, dict):
            return ", ".join(f"{k}: {v}" for k, v in sorted(result.items())) or "none"
        if isinstance(result, float):
            return f"{result:.0f}" if abs(result) >= 1000 else f"{result:.2f}"
        return "-" if result is None else str(result)

    lines = [[title] + [r["subject"] for r in results]]
    lines += [[label] + [cell(r, path) for r in results] for label, path in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for k, line in enumerate(lines):
        print("  ".join(text.ljust(w) if i == 0 else text.rjust(w) for i, (text, w) in enumerate(zip(line, widths))))
        if k == 0:
            print("-" * (sum(widths) + 2 * (len(widths) - 1)))


def machine():
    with open("/proc/meminfo") as f:
        memory = int(f.readline().split()[1]) >> 20
    with open("/proc/cpuinfo") as f:
        cpu = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())
    return {"cpus": os.cpu_count(), "cpu": cpu, "memoryGiB": memory, "kernel": platform.release()}

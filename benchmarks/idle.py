"""The tray process at rest: private memory, CPU time and wake-ups, beside a bare Qt tray icon.

Read from /proc, so that nothing is attached to the process while it is measured. Private memory is what
would come back if it ended (Private_Clean + Private_Dirty).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.startup import BARE
from tests.e2e.desk import Desk

SETTLE_S, SECONDS = 15.0, float(os.environ.get("IDLE_SECONDS", "60"))
MEMORY_BAR_MB, TICKS_PER_S = 110.0, os.sysconf("SC_CLK_TCK")


def private_mb(pid: int) -> float:
    """Return the private memory of a process in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def cpu_ticks(pid: int) -> int:
    """Return user and system time of all threads, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def wakeups(pid: int) -> dict[str, int]:
    """Return how often each thread of a process gave up the CPU, and so was woken again."""
    result = {}
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        lines = status.read_text().splitlines()
        result[status.parent.name] = sum(int(line.split()[1]) for line in lines if "_ctxt_switches" in line)
    return result


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.tray("trayer")
        env = {**desk.env, "TRAYASSIST_HOME": str(Path(folder) / "home")}
        commands = {
            "trayassist": [sys.executable, "-m", "trayassist", "--hidden"],
            "bare_qt": [sys.executable, "-c", BARE],
        }
        processes = {
            name: subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL) for name, command in commands.items()
        }
        result: dict[str, dict[str, float]] = {}
        try:
            time.sleep(SETTLE_S)
            before = {name: (cpu_ticks(p.pid), wakeups(p.pid)) for name, p in processes.items()}
            time.sleep(SECONDS)
            for name, process in processes.items():
                ticks = cpu_ticks(process.pid) - before[name][0]
                woken = sum(n - before[name][1].get(thread, 0) for thread, n in wakeups(process.pid).items())
                result[name] = {
                    "private_mb": round(private_mb(process.pid), 1),
                    "cpu_percent": round(100 * ticks / TICKS_PER_S / SECONDS, 2),
                    "wakeups_per_s": round(woken / SECONDS, 2),
                }
        finally:
            for process in processes.values():
                process.terminate()
                process.wait(20)
            desk.close()
    ours = result["trayassist"]
    print(
        json.dumps(
            {
                "benchmark": "idle",
                "what": f"at rest for {SECONDS:.0f} s",
                **result,
                "bar": {"private_mb": MEMORY_BAR_MB, "cpu_percent": 0.0},
                "ok": ours["private_mb"] <= MEMORY_BAR_MB and round(ours["cpu_percent"], 1) == 0.0,
            }
        )
    )


if __name__ == "__main__":
    main()

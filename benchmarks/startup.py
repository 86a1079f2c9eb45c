"""How long the program takes to say its version, and the daemon to answer; what it takes in memory."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from tests.support.daemon import clean_environment, free_port, running

from benchmarks.figures import Figure

RUNS = 15


def figures(home: Path) -> list[Figure]:
    """Start-up times in milliseconds and the idle daemon's memory in MB."""
    return [
        Figure("hearth --version", "ms", tuple(_version(home) for _ in range(RUNS)), "≤ 100"),
        Figure(
            "serve until it answers /", "ms", tuple(_serve(home / str(run)) for run in range(RUNS)), "≤ 700"
        ),
        Figure("idle daemon, resident", "MB", tuple(_idle(home / f"idle{run}") for run in range(5)), "≤ 80"),
    ]


def _version(home: Path) -> float:
    environment = clean_environment(home, OLLAMA_HOST=f"127.0.0.1:{free_port()}")
    program = Path(sys.executable).with_name("hearth")
    began = time.perf_counter()
    subprocess.run([program, "--version"], env=environment, capture_output=True, check=True)
    return (time.perf_counter() - began) * 1e3


def _serve(home: Path) -> float:
    began = time.perf_counter()
    with running(home) as daemon:
        urlopen(daemon.url).read()
        return (time.perf_counter() - began) * 1e3


def _idle(home: Path) -> float:
    with running(home) as daemon:
        daemon.get("/api/tags")
        status = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1e3

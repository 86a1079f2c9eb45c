"""The child process of one resident model: `python -m hearth.engine.runner JOB`.

llama.cpp loads the model here and serves its own HTTP interface on a unix socket. The process ends when its
standard input does, so it cannot outlive the daemon, and it offers itself to the kernel first when memory
runs out, so it cannot take the daemon down.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def _fail(message: str) -> None:
    sys.stderr.write(f"runner: {message}\n")
    sys.stderr.flush()
    # llama.cpp's own threads may still run: leave without running destructors.
    os._exit(1)


def main(argument: str) -> None:
    """Serve the job until standard input ends."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    job = json.loads(argument)
    try:
        from hearth.engine import llama
    except ImportError as error:
        _fail(f"cannot load llama.cpp: {error}")
        return
    try:
        server = llama.start(job)
    except (RuntimeError, ValueError, TypeError) as error:
        _fail(str(error))
        return
    while sys.stdin.buffer.read(4096):
        pass
    del server
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])

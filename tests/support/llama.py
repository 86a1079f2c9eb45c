"""Runs a model in llama.cpp directly, in a process of its own, to see whether and how it takes a file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SCRIPT: Final = """
import json, os, sys, xllamacpp as x
path, context, slots, batch = sys.argv[1], *map(int, sys.argv[2:])
p = x.CommonParams()
p.model.path, p.n_ctx, p.n_parallel, p.n_batch, p.n_ubatch = path, context * slots, slots, batch, batch
p.ui, p.warmup, p.port, p.verbosity = False, False, 0, 4
server = x.Server(p)
reply = server.handle_completions({"prompt": "hello the cat", "n_predict": 8, "temperature": 0})
print("REPLY" + json.dumps(reply), flush=True)
os._exit(0)
"""
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Ran:
    """What a model answered, and the bytes of llama.cpp's buffers by kind: model, KV, RS, compute, output."""

    tokens: int
    buffers: dict[str, int]


def run_model(path: Path, *, context: int = 256, slots: int = 1, batch: int = 64) -> Ran:
    """Load a model, generate eight tokens; AssertionError with llama.cpp's words where it refuses."""
    arguments = [str(path), str(context), str(slots), str(batch)]
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *arguments], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    reply = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("REPLY"))[5:])
    buffers: dict[str, int] = {}
    for kind, size in re.findall(r"(\w+) buffer size =\s+([\d.]+) MiB", done.stderr + done.stdout):
        buffers[kind] = buffers.get(kind, 0) + round(float(size) * _MIB)
    return Ran(int(reply["usage"]["completion_tokens"]), buffers)

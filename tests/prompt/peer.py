"""Go's own text/template in a child process, to compare with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hearth.prompt.go import Value

SOURCE: Final = Path(__file__).parent / "oracle" / "main.go"


class Peer:
    """Renders templates one after another."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def render(self, template: str, data: Value) -> str | None:
        """The output of a template; None where Go refuses it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"template": template, "data": data}).encode() + b"\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        return None if reply["error"] else str(reply["output"])


def find_go() -> str | None:
    """The Go command, of the system or of a package in this environment."""
    return shutil.which("go") or shutil.which("go", path=str(Path(sys.executable).parent))


@contextmanager
def running(go: str, directory: Path) -> Iterator[Peer]:
    """Build the oracle in a directory and keep it running."""
    program = directory / "oracle"
    settings = {"GOTOOLCHAIN": "local", "GOFLAGS": "", "GOPROXY": "off"}
    subprocess.run([go, "build", "-o", program, SOURCE], check=True, timeout=110, env=os.environ | settings)
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Peer(process)
        assert process.stdin
        process.stdin.close()
        process.wait(timeout=10)

"""Creates a model and dies at a step: `python -m tests.modelfile.dying ROOT STATUS QUANTIZE FILE...`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from hearth.library import Library
from hearth.modelfile import CreateRequest, Status, create
from hearth.names import ModelName


def main(root: str, fatal: str, quantize: str, *files: str) -> None:
    def die(status: Status) -> None:
        if status.status.startswith(fatal):
            os.kill(os.getpid(), signal.SIGKILL)

    with Library(Path(root), embedded=None) as library:
        digests = {Path(file).name: library.add_file(Path(file), move=False)[0] for file in files}
        request = CreateRequest(ModelName.parse("made"), files=digests, quantize=quantize, system="new")
        create(library, request, die, threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])

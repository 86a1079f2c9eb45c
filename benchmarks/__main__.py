"""`python -m benchmarks`: run every benchmark and print its table."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

from benchmarks import relay, startup
from benchmarks.figures import table


def main() -> None:
    """Print the machine and the figures as Markdown."""
    sys.stdout.write(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n\n")
    with tempfile.TemporaryDirectory() as home:
        found = [*startup.figures(Path(home)), *relay.figures(Path(home))]
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()

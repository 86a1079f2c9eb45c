"""`python -m hearth` is the same as `hearth`."""

from __future__ import annotations

import sys

from hearth.cli.main import entry

if __name__ == "__main__":
    sys.exit(entry())

"""Writes the parts of `docs/` that are made from code, or checks that they are up to date.

`python scripts/docs.py` writes them; with `--check` it only compares and exits with 1 if one is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from starlette.routing import Route

from hearth.cli.reference import markdown
from hearth.options import OPTIONS, Option
from hearth.server.ollama.routes import routes
from hearth.server.services import Services
from hearth.settings import SETTINGS

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Made by scripts/docs.py; change the code, not this file. -->\n\n"


def cli() -> str:
    """The command-line reference."""
    return NOTE + markdown()


def settings() -> str:
    """The table of settings."""
    head = (
        "# Settings\n\n"
        "A setting comes from the command line, else from the environment, else from the settings file, "
        "else it has its default. The settings file is the one that `HEARTH_CONFIG` names, else the first "
        "that exists of `./hearth.toml`, `~/.config/hearth/hearth.toml` and `/etc/hearth/hearth.toml`. "
        "`hearth config show` prints every value and where it came from.\n\n"
        "| key in hearth.toml | variable | kind | default | meaning |\n|---|---|---|---|---|\n"
    )
    rows = [f"| `{s.key}` | `{s.env}` | {s.kind} | {_value(s.default)} | {_cell(s.doc)} |" for s in SETTINGS]
    return NOTE + head + "\n".join(rows) + "\n"


def options() -> str:
    """The table of generation and load options."""
    head = (
        "# Options\n\n"
        "Options go into `options` of a request, or into a Modelfile as `PARAMETER name value`. A request's "
        "value goes before the model's, and that before the default. *Load* options decide how a model is "
        "loaded.\n\n"
        "| name | type | default | when | meaning |\n|---|---|---|---|---|\n"
    )
    rows = [
        f"| `{o.name}` | {o.kind} | {_value(o.default)} | {_when(o)} | {_cell(o.doc)} |"
        for o in OPTIONS.values()
    ]
    return NOTE + head + "\n".join(rows) + "\n"


def api() -> str:
    """The table of HTTP routes."""
    head = "# HTTP API\n\n| method | path | what it does |\n|---|---|---|\n"
    rows = [
        f"| {', '.join(sorted(route.methods or ()))} | `{route.path}` | {_cell(_summary(route))} |"
        for route in routes(cast("Services", None))
    ]
    return NOTE + head + "\n".join(rows) + "\n"


def _summary(route: Route) -> str:
    endpoint = route.endpoint.func if isinstance(route.endpoint, partial) else route.endpoint
    return (endpoint.__doc__ or "").strip().split("\n")[0]


def _when(option: Option) -> str:
    return "load" if option.load else "request"


def _value(value: object) -> str:
    return "" if value in (None, "", ()) else f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "settings.md": settings,
    "options.md": options,
    "api.md": api,
}


def main(arguments: list[str]) -> int:
    """Write or check every page; 0 if all is well."""
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in arguments:
            stale.append(name)
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}; run: make docs\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Writes the parts of `docs/` that are made from code, or checks that they are up to date.

`python scripts/docs.py` writes them; with `--check` it only compares and exits with 1 if one is stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from hearth.cli.reference import markdown
from hearth.options import OPTIONS, Option
from hearth.server.app import all_routes
from hearth.server.openapi import Endpoint, document, endpoints
from hearth.server.operations import DIALECTS, Dialect, find
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
    """The table of HTTP routes, by dialect."""
    head = (
        "# HTTP API\n\n"
        "A running server describes all of this at `/openapi.json`; [openapi.json](openapi.json) is the same "
        "document: every field of every request and reply, and the form of errors.\n"
    )
    found = list(endpoints(all_routes(cast("Services", None))))
    return NOTE + head + "".join(_section(dialect, found) for dialect in DIALECTS)


def _section(dialect: Dialect, found: list[Endpoint]) -> str:
    rows = [
        f"| {item.method} | `{item.path}` | {_cell(item.summary)} | {_streamed(item)} |"
        for item in found
        if (item.method, item.path) in dialect.operations
    ]
    head = "| method | path | what it does | streams |\n|---|---|---|---|\n"
    return f"\n## {dialect.name}\n\n{dialect.about}\n\n{head}" + "\n".join(rows) + "\n"


def _streamed(item: Endpoint) -> str:
    kind = find(item.method, item.path)[1].stream
    return f"`{kind}`" if kind else ""


def openapi() -> str:
    """The OpenAPI document."""
    return json.dumps(document(all_routes(cast("Services", None))), indent=1, ensure_ascii=False) + "\n"


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
    "openapi.json": openapi,
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

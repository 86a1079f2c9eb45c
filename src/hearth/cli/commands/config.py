"""`config`: every setting with its value and where that came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from hearth import settings
from hearth.cli.command import Call, Command, Option
from hearth.cli.failure import CommandError
from hearth.cli.render import table
from hearth.config import Resolved
from hearth.duration import format_duration


def run(call: Call) -> int:
    """Do what the argument says."""
    (action,) = call.arguments.positional
    known = {"show": _show, "path": _path, "check": _check}
    if action not in known:
        raise CommandError(f'unknown action "{action}"; expected one of {", ".join(known)}')
    known[action](call)
    return 0


def _show(call: Call) -> None:
    resolved = call.config.resolved()
    if call.arguments.flag("json"):
        rows = [_as_object(each) for each in resolved]
        call.console.line(json.dumps({"settings": rows}, indent=2, ensure_ascii=False))
    else:
        call.console.line(render(resolved))


def render(resolved: list[Resolved]) -> str:
    """The table of settings."""
    rows = ((each.setting.key, _text(each), each.origin) for each in resolved)
    return table(("KEY", "VALUE", "FROM"), rows)


def _as_object(each: Resolved) -> dict[str, Any]:
    value = str(each.value) if isinstance(each.value, Path) else each.value
    return {"key": each.setting.key, "env": each.setting.env, "value": value, "from": each.origin}


def _text(each: Resolved) -> str:
    value = each.value
    if each.setting.kind == "duration":
        return "no limit" if value is None else format_duration(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(value) or "-"
    return "-" if value is None or value == "" else str(value)


def _path(call: Call) -> None:
    path = call.config.file
    if path is None:
        raise CommandError(_NO_FILE)
    call.console.line(str(path.absolute()))


def _check(call: Call) -> None:
    path = call.config.file
    if path is None:
        raise CommandError(_NO_FILE)
    set_there = [each for each in call.config.resolved() if each.origin.startswith("file ")]
    call.console.line(f"{path.absolute()} is in order; {len(set_there)} settings come from it")


_NO_FILE: Final = (
    f"there is no settings file; write hearth.toml here or in ~/.config/hearth, "
    f"or name one in {settings.CONFIG_FILE}"
)

COMMAND: Final = Command(
    name="config",
    summary="Show the settings and where each came from",
    run=run,
    usage="show|path|check",
    description=(
        "show: every setting with its value and where it came from: the environment, the settings file or\n"
        "the default. path: the settings file in use. check: read the settings file and say what is wrong.\n"
        f"That file is the one {settings.CONFIG_FILE} names, else ./hearth.toml, else "
        "~/.config/hearth/hearth.toml,\nelse /etc/hearth/hearth.toml."
    ),
    options=(Option("json", 'for show: print {"settings": [{key, env, value, from}, ...]}'),),
    settings=settings.SETTINGS,
    minimum=1,
    maximum=1,
)

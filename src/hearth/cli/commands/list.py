"""`list`: the models in the library."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from hearth import settings
from hearth.cli.client import Object
from hearth.cli.command import Call, Command, Option
from hearth.cli.render import human_bytes, human_time, parse_time, table
from hearth.cli.shape import number, objects, text


def run(call: Call) -> int:
    """List the models whose name starts with the argument, whatever the case."""
    prefix = "".join(call.arguments.positional).lower()
    answer = call.client.get("/api/tags")
    models = [m for m in objects(answer.get("models")) if text(m.get("name")).lower().startswith(prefix)]
    if call.arguments.flag("json"):
        call.console.line(json.dumps(answer | {"models": models}, indent=2, ensure_ascii=False))
    else:
        call.console.line(render(models, datetime.now(UTC)))
    return 0


def render(models: list[Object], now: datetime) -> str:
    """The table of the models of /api/tags."""
    return table(("NAME", "ID", "SIZE", "MODIFIED"), (_row(model, now) for model in models))


def _row(model: Object, now: datetime) -> list[str]:
    size = "-" if model.get("remote_model") else human_bytes(number(model.get("size")))
    modified = human_time(parse_time(model.get("modified_at")), now)
    return [text(model.get("name")), text(model.get("digest"))[:12], size, modified]


COMMAND: Final = Command(
    name="list",
    aliases=("ls",),
    summary="List models",
    run=run,
    usage="[PREFIX]",
    description="List the models in the library, or those whose name starts with PREFIX.",
    options=(Option("json", "print what /api/tags answers"),),
    settings=(settings.HOST,),
    maximum=1,
)

"""`ps`: the models that are loaded."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final

from hearth import settings
from hearth.cli.client import Object
from hearth.cli.command import Call, Command, Option
from hearth.cli.render import human_bytes, human_time, parse_time, processor, table
from hearth.cli.shape import number, objects, text


def run(call: Call) -> int:
    """List the loaded models whose name starts with the argument."""
    prefix = "".join(call.arguments.positional)
    answer = call.client.get("/api/ps")
    models = [m for m in objects(answer.get("models")) if text(m.get("name")).startswith(prefix)]
    if call.arguments.flag("json"):
        call.console.line(json.dumps(answer | {"models": models}, indent=2, ensure_ascii=False))
    else:
        call.console.line(render(models, datetime.now(UTC)))
    return 0


def render(models: list[Object], now: datetime) -> str:
    """The table of the models of /api/ps."""
    header = ("NAME", "ID", "SIZE", "PROCESSOR", "CONTEXT", "UNTIL")
    return table(header, (_row(model, now) for model in models))


def _row(model: Object, now: datetime) -> list[str]:
    size, size_vram = number(model.get("size")), number(model.get("size_vram"))
    expires = parse_time(model.get("expires_at"))
    stopping = expires is not None and expires <= now
    return [
        text(model.get("name")),
        text(model.get("digest"))[:12],
        human_bytes(size),
        processor(size, size_vram),
        str(number(model.get("context_length"))),
        "Stopping..." if stopping else human_time(expires, now),
    ]


COMMAND: Final = Command(
    name="ps",
    summary="List running models",
    run=run,
    usage="[PREFIX]",
    description="List the models that are loaded, where they lie, and until when they stay.",
    options=(Option("json", "print what /api/ps answers"),),
    settings=(settings.HOST,),
    maximum=1,
)

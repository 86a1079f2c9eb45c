"""The client's half of `create`: the Modelfile is read here, and its files are hashed and uploaded."""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import Final

from hearth.cli.client import Client, Object
from hearth.cli.command import Call
from hearth.cli.failure import CommandError
from hearth.cli.progress import Progress, progress
from hearth.cli.shape import text
from hearth.modelfile import grammar
from hearth.modelfile.files import open_regular
from hearth.modelfile.hashing import hash_files
from hearth.modelfile.request import Draft, build
from hearth.names import Digest, ModelName

_PIECE: Final = 1 << 20


def create(call: Call, name: str, file: str | None, quantize: str | None) -> None:
    """Make model `name` from the Modelfile at `file` ("-" is standard input, None is ./Modelfile).

    Raises:
        HearthError: a name or a Modelfile that cannot be used.
        CommandError: no Modelfile, or the server refused.
    """
    ModelName.parse(name)
    data, directory = _read(file, call.program)
    draft = build(grammar.parse(data), directory, call.config.home)
    for warning in draft.warnings:
        call.console.note(warning)
    call.client.get("/api/version")
    with progress(call.console) as shown:
        shown.status("gathering model components")
        body: Object = {"model": name, **_upload_all(call.client, draft, shown)}
        if quantize is not None:
            body["quantize"] = quantize
        _follow(call.client, body, shown)


def _read(file: str | None, program: str) -> tuple[bytes, Path]:
    """The Modelfile's bytes, and the directory from which its relative paths start."""
    if file == "-":
        return sys.stdin.buffer.read(grammar.MAX_BYTES + 1), Path.cwd()
    path = Path(file if file is not None else "Modelfile")
    try:
        with path.open("rb") as opened:
            return opened.read(grammar.MAX_BYTES + 1), path.absolute().parent
    except FileNotFoundError as error:
        if file is not None:
            raise CommandError(f"no Modelfile at {file}") from error
        raise CommandError(
            f"no Modelfile in this directory; name one with '{program} create MODEL -f FILE', or write one: "
            "its first line is FROM and a model's name or the path of a GGUF file"
        ) from error
    except OSError as error:
        raise CommandError(f"cannot read the Modelfile {path}: {error.strerror}") from error


def _upload_all(client: Client, draft: Draft, shown: Progress) -> Object:
    """Send the files that the server lacks; gives the fields of the create request."""
    digests = hash_files(draft.paths, lambda path, done, size: shown.bar(f"hashing {path.name}", done, size))
    for path, digest in digests.items():
        if not client.exists(f"/api/blobs/{digest}"):
            _upload(client, path, digest, shown)
    return dict(draft.to_json(digests))


def _upload(client: Client, path: Path, digest: Digest, shown: Progress) -> None:
    file, size = open_regular(path)

    def pieces() -> Generator[bytes]:
        done = 0
        while done < size and (piece := file.read(min(_PIECE, size - done))):
            yield piece
            done += len(piece)
            shown.bar(f"copying file sha256:{digest.short}", done, size)

    with file:
        client.upload(f"/api/blobs/{digest}", pieces(), size)


def _follow(client: Client, body: Object, shown: Progress) -> None:
    status = ""
    for item in client.stream("/api/create", body):
        status = text(item.get("status"))
        total, completed = item.get("total"), item.get("completed")
        if isinstance(total, int) and isinstance(completed, int) and total > 0:
            shown.bar(status, completed, total)
        else:
            shown.status(status)
    if status != "success":
        raise CommandError("the server ended before the model was complete; nothing was changed, try again")

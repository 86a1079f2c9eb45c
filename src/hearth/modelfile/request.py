"""The client's half of `create`: from a Modelfile to the request that the server gets.

The server never reads a path. Here the files that a Modelfile names are found on the client's disk; the
request that is made of them holds only digests, under which the client uploads the files first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hearth import options
from hearth.errors import HearthError, ModelfileError
from hearth.messages import Json
from hearth.modelfile.files import collect, exists, expand, keys, looks_like_path
from hearth.modelfile.grammar import Command, Modelfile
from hearth.names import Digest, ModelName

SEMVER: Final = re.compile(
    r"v?((?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A create request whose files are still on the client's disk.

    `files`, `adapters` and `draft_files` map the relative key of the request to the file. An empty field was
    not given. `warnings` are for the user and not sent.
    """

    from_: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    adapters: Mapping[str, Path] = field(default_factory=dict)
    draft_files: Mapping[str, Path] = field(default_factory=dict)
    template: str = ""
    system: str = ""
    licenses: tuple[str, ...] = ()
    parameters: Mapping[str, Json] = field(default_factory=dict)
    messages: tuple[tuple[str, str], ...] = ()
    """Pairs of role and text."""
    renderer: str = ""
    parser: str = ""
    requires: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file to hash and upload, each once."""
        groups = (self.files, self.adapters, self.draft_files)
        return tuple(dict.fromkeys(path for group in groups for path in group.values()))

    def to_json(self, digests: Mapping[Path, Digest]) -> dict[str, Json]:
        """The fields of the create request, without those that were not given; `digests` of all `paths`."""
        fields: dict[str, Json] = {
            "from": self.from_,
            "files": _named(self.files, digests),
            "adapters": _named(self.adapters, digests),
            "draft_files": _named(self.draft_files, digests),
            "template": self.template,
            "system": self.system,
            "license": list(self.licenses),
            "parameters": dict(self.parameters),
            "messages": [{"role": role, "content": text} for role, text in self.messages],
            "renderer": self.renderer,
            "parser": self.parser,
            "requires": self.requires,
        }
        return {key: value for key, value in fields.items() if value}


def build(modelfile: Modelfile, base_dir: Path, home: Path | None = None) -> Draft:
    """What to send for a Modelfile that lies in `base_dir`; `home` stands in for the user's home directory.

    Raises:
        ModelfileError: with the line number: a file that is missing or unusable, an unknown parameter, a
            value of the wrong type, a bad version.
    """
    builder = _Builder(base_dir, home)
    for command in modelfile.commands:
        try:
            builder.add(command)
        except HearthError as error:
            raise ModelfileError(f"(line {command.line}): {error.message}") from error
    return builder.finish()


class _Builder:
    """Gathers a draft from one instruction after the other."""

    def __init__(self, base: Path, home: Path | None) -> None:
        self._base = base
        self._home = home
        self._from = ""
        self._files: list[Path] = []
        self._adapters: list[Path] = []
        self._drafts: list[Path] = []
        self._texts: dict[str, str] = {}
        self._licenses: list[str] = []
        self._parameters: dict[str, Json] = {}
        self._messages: list[tuple[str, str]] = []
        self._warnings: list[str] = []

    def add(self, command: Command) -> None:
        value = command.args[-1]
        match command.name:
            case "from":
                self._add_from(value)
            case "adapter":
                self._adapters = self._local(value)
            case "draft":
                self._drafts = self._local(value)
            case "license":
                self._licenses.append(value)
            case "parameter":
                self._add_parameter(command.args[0], value)
            case "message":
                self._messages.append((command.args[0], value))
            case "requires":
                self._texts["requires"] = version(value)
            case name:
                self._texts[name] = value

    def finish(self) -> Draft:
        shared = set(self._files) & set(self._drafts)
        if shared:
            raise ModelfileError(f"DRAFT must not reference the same local path as FROM: {min(shared)}")
        return Draft(
            from_=self._from,
            files=keys(self._files),
            adapters=keys(self._adapters),
            draft_files=keys(self._drafts),
            licenses=tuple(self._licenses),
            parameters=self._parameters,
            messages=tuple(self._messages),
            warnings=tuple(self._warnings),
            template=self._texts.get("template", ""),
            system=self._texts.get("system", ""),
            renderer=self._texts.get("renderer", ""),
            parser=self._texts.get("parser", ""),
            requires=self._texts.get("requires", ""),
        )

    def _add_from(self, text: str) -> None:
        path = expand(text, self._base, self._home)
        if exists(path):
            self._files += collect(path)
        elif looks_like_path(text):
            raise ModelfileError(f"{text}: no such file or directory (looked for {path})")
        else:
            ModelName.parse(text)
            self._from = text

    def _local(self, text: str) -> list[Path]:
        path = expand(text, self._base, self._home)
        if not exists(path):
            raise ModelfileError(f"{text}: no such file or directory (looked for {path})")
        return collect(path)

    def _add_parameter(self, name: str, text: str) -> None:
        if name in options.REMOVED:
            self._warnings.append(f"warning: parameter {name} is deprecated")
            return
        value = options.parse(name, text)
        if isinstance(value, list):
            kept = self._parameters.setdefault(name, [])
            assert isinstance(kept, list)
            kept.extend(value)
        else:
            self._parameters[name] = value


def version(text: str) -> str:
    """A version as REQUIRES takes it, without a leading v.

    Raises:
        ModelfileError: not of the form 0.14.0.
    """
    match = SEMVER.fullmatch(text.strip())
    if match is None:
        raise ModelfileError("requires must be a valid semver (e.g. 0.14.0)")
    return match[1]


def _named(files: Mapping[str, Path], digests: Mapping[Path, Digest]) -> dict[str, Json]:
    return {key: str(digests[path]) for key, path in files.items()}

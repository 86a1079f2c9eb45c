"""The values of the settings in this process, and where each came from.

Values come from, in falling order: the command line, the environment, the settings file, the
default. This is the only module that reads the environment.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from hearth.errors import ConfigError
from hearth.settings import CONFIG_FILE, MODELS, SETTINGS, Setting

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting's value and where it came from: `default`, `file PATH`, `env NAME` or `command line`."""

    setting: Setting[Any]
    value: Any
    origin: str


class Config:
    """The settings of one process, resolved once."""

    def __init__(self, values: Mapping[str, Resolved], environment: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._environment = environment

    @classmethod
    def load(
        cls,
        environment: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
    ) -> Config:
        """Resolve every setting; `overrides` holds values from the command line by key.

        Raises:
            ConfigError: the settings file cannot be read, or a value of it or of the command line is bad.
                A bad environment variable is warned about and its default used, as Ollama does.
        """
        env = os.environ if environment is None else environment
        path = settings_file(env)
        table = _read(path) if path is not None else {}
        values = {s.key: _resolve(s, env, table, path, overrides or {}) for s in SETTINGS}
        return cls(values, env)

    def get(self, setting: Setting[T]) -> T:
        """The value of a setting."""
        return cast("T", self._values[setting.key].value)

    def resolved(self) -> list[Resolved]:
        """Every setting with its value and origin, in the order of the table."""
        return list(self._values.values())

    def env(self, name: str, default: str = "") -> str:
        """A variable that is not a setting, such as EDITOR."""
        return self._environment.get(name, default)

    @property
    def home(self) -> Path:
        """The user's home directory."""
        home = self._environment.get("HOME")
        return Path(home) if home else Path.home()

    @property
    def file(self) -> Path | None:
        """The settings file in use, or None."""
        return settings_file(self._environment)

    @property
    def state(self) -> Path:
        """Where history, keys and stored responses are kept: `~/.ollama`, as Ollama has it."""
        return self.home / ".ollama"

    @property
    def models(self) -> Path:
        """The library's directory, absolute."""
        path = self.get(MODELS)
        if path.parts[:1] == ("~",):
            path = self.home.joinpath(*path.parts[1:])
        return path.absolute()


def settings_file(env: Mapping[str, str]) -> Path | None:
    """The settings file: HEARTH_CONFIG, else ./hearth.toml, else the user's, else the machine's."""
    named = _clean(env.get(CONFIG_FILE, ""))
    if named:
        return Path(named).expanduser()
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    user = Path(env["XDG_CONFIG_HOME"]) if env.get("XDG_CONFIG_HOME") else home / ".config"
    candidates = (Path("hearth.toml"), user / "hearth" / "hearth.toml", Path("/etc/hearth/hearth.toml"))
    return next((path for path in candidates if path.is_file()), None)


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the settings file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the settings file {path} is not TOML: {error}") from error
    unknown = sorted(set(table) - {s.key for s in SETTINGS})
    if unknown:
        known = ", ".join(s.key for s in SETTINGS)
        raise ConfigError(
            f"the settings file {path} has unknown keys {', '.join(unknown)}; the known ones are {known}"
        )
    return table


def _resolve(
    setting: Setting[Any],
    env: Mapping[str, str],
    table: Mapping[str, Any],
    path: Path | None,
    overrides: Mapping[str, str],
) -> Resolved:
    if setting.key in overrides:
        return Resolved(setting, _parsed(setting, overrides[setting.key], "command line"), "command line")
    text = _clean(env.get(setting.env, ""))
    if text:
        try:
            return Resolved(setting, setting.parse(text), f"env {setting.env}")
        except ValueError as error:
            logger.warning("%s=%r is not usable (%s); the default is used", setting.env, text, error)
            return Resolved(setting, setting.default, "default")
    if setting.key in table:
        origin = f"file {path}"
        return Resolved(setting, _parsed(setting, _as_text(table[setting.key]), origin), origin)
    return Resolved(setting, setting.default, "default")


def _parsed(setting: Setting[Any], text: str, origin: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        raise ConfigError(f"{setting.key} = {text!r} ({origin}) is not a {setting.kind}: {error}") from error


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


def _clean(text: str) -> str:
    """Ollama strips white space and quotation marks around a variable's value."""
    return text.strip().strip("\"'").strip()


def child_environment(**extra: str) -> dict[str, str]:
    """This process's environment with `extra` added, for a child process."""
    return {**os.environ, **extra}

"""Where a setting's value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from hearth.config import Config
from hearth.errors import ConfigError
from hearth.settings import (
    DEBUG,
    FLASH_ATTENTION,
    HOST,
    KEEP_ALIVE,
    KV_CACHE_TYPE,
    LOAD_TIMEOUT,
    MAX_QUEUE,
    NOPRUNE,
    NUM_PARALLEL,
    ORIGINS,
    SETTINGS,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a user without any settings, in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return {"HOME": str(tmp_path)}


def origin(config: Config, key: str) -> str:
    return next(resolved.origin for resolved in config.resolved() if resolved.setting.key == key)


def test_defaults_are_ollamas(home: dict[str, str]) -> None:
    config = Config.load(home)
    assert config.get(HOST) == "127.0.0.1:11434"
    assert config.get(KEEP_ALIVE) == 300
    assert config.models == Path(home["HOME"], ".ollama", "models")
    assert {resolved.origin for resolved in config.resolved()} == {"default"}


def test_a_variable_goes_before_the_file_and_the_command_line_before_both(home: dict[str, str]) -> None:
    Path("hearth.toml").write_text('max_queue = 7\nhost = "a:1"\norigins = ["x", "y"]\n', encoding="utf-8")
    config = Config.load({**home, "OLLAMA_MAX_QUEUE": "8"}, {"host": "b:2"})
    assert config.get(MAX_QUEUE) == 8
    assert origin(config, "max_queue") == "env OLLAMA_MAX_QUEUE"
    assert config.get(HOST) == "b:2"
    assert origin(config, "host") == "command line"
    assert config.get(ORIGINS) == ("x", "y")
    assert origin(config, "origins") == "file hearth.toml"


def test_more_slots_than_llama_cpp_has_are_not_taken(
    home: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert Config.load({**home, "OLLAMA_NUM_PARALLEL": "256"}).get(NUM_PARALLEL) == 256
    assert Config.load({**home, "OLLAMA_NUM_PARALLEL": "257"}).get(NUM_PARALLEL) == 0
    assert "at most 256" in caplog.text


def test_the_file_can_be_named(home: dict[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("noprune = true\n", encoding="utf-8")
    assert Config.load({**home, "HEARTH_CONFIG": str(other)}).get(NOPRUNE) is True


def test_the_users_file_is_found(home: dict[str, str], tmp_path: Path) -> None:
    directory = tmp_path / ".config" / "hearth"
    directory.mkdir(parents=True)
    (directory / "hearth.toml").write_text("num_parallel = 2\n", encoding="utf-8")
    assert Config.load(home).get(NUM_PARALLEL) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_queue = ", "is not TOML"),
        ("colour = 'red'\n", "unknown keys colour"),
        ("max_queue = 'many'\n", "max_queue = 'many'"),
        ("max_queue = -1\n", "zero or more"),
        ("kv_cache_type = 'q9'\n", "expected one of"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(home: dict[str, str], text: str, message: str) -> None:
    Path("hearth.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        Config.load(home)


def test_a_named_file_must_exist(home: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        Config.load({**home, "HEARTH_CONFIG": "nowhere.toml"})


def test_a_wrong_variable_is_warned_about(home: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    config = Config.load({**home, "OLLAMA_MAX_QUEUE": "many"})
    assert config.get(MAX_QUEUE) == 512
    assert "OLLAMA_MAX_QUEUE='many'" in caplog.text


@pytest.mark.parametrize(
    ("text", "value"),
    [("10m", 600), ("90", 90), ("-1", None), ("-5m", None), ("0", 0), (' "1h" ', 3600), ("1.5", 1.5)],
)
def test_keep_alive_forms(home: dict[str, str], text: str, value: float | None) -> None:
    assert Config.load({**home, "OLLAMA_KEEP_ALIVE": text}).get(KEEP_ALIVE) == value


@pytest.mark.parametrize(("text", "value"), [("0", None), ("-1", None), ("30s", 30)])
def test_load_timeout_forms(home: dict[str, str], text: str, value: float | None) -> None:
    assert Config.load({**home, "OLLAMA_LOAD_TIMEOUT": text}).get(LOAD_TIMEOUT) == value


@pytest.mark.parametrize(("text", "value"), [("1", True), ("f", False), ("nonsense", True), ("", None)])
def test_flag_forms(home: dict[str, str], text: str, value: bool | None) -> None:
    assert Config.load({**home, "OLLAMA_FLASH_ATTENTION": text}).get(FLASH_ATTENTION) is value


@pytest.mark.parametrize(
    ("text", "value"), [("1", "debug"), ("2", "trace"), ("0", "info"), ("warning", "warning")]
)
def test_debug_forms(home: dict[str, str], text: str, value: str) -> None:
    assert Config.load({**home, "OLLAMA_DEBUG": text}).get(DEBUG) == value


def test_cache_type(home: dict[str, str]) -> None:
    assert Config.load({**home, "OLLAMA_KV_CACHE_TYPE": "q8_0"}).get(KV_CACHE_TYPE) == "q8_0"


def test_every_setting_has_a_key_a_variable_and_a_meaning_of_its_own() -> None:
    for values in (
        [setting.key for setting in SETTINGS],
        [setting.env for setting in SETTINGS],
        [setting.doc for setting in SETTINGS],
    ):
        assert all(values)
        assert len(set(values)) == len(values)

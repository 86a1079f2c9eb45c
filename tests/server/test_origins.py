"""Which web pages may use the server."""

from __future__ import annotations

import pytest

from hearth.errors import ConfigError
from hearth.server.origins import OriginRules

PLAIN = OriginRules.of(())
HOST = "localhost:11434"

ALLOWED = [
    "http://localhost", "https://localhost", "http://localhost:3000", "HTTP://LOCALHOST:3000",
    "http://127.0.0.1:8080", "https://0.0.0.0:1", "http://[::1]:3000", "app://obsidian.md",
    "file://", "tauri://localhost", "vscode-webview://1a2b3c", "vscode-file://vscode-app",
]  # fmt: skip

REFUSED = [
    "null", "", "http://evil.com", "http://localhost.evil", "http://localhost.evil:3000", "http://localhost:evil",
    "http://localhost:3000.evil.com", "http://localhost:3000@evil.com", "http://evil.com#http://localhost",
    "http://127.0.0.1.evil.com", "http://127.0.0.2", "http://localhost/", "http://localhost:", "ftp://localhost",
    "xhttp://localhost", "http://local host", "http://notlocalhost", "chrome-extension://abcdef",
    "moz-extension://abcdef", "app://x/y", "http://localhost:123456", "http://localhost\n",
    "http://evil.com http://localhost", "javascript://localhost",
]  # fmt: skip


@pytest.mark.parametrize("origin", ALLOWED)
def test_local_pages_and_desktop_apps_are_answered(origin: str) -> None:
    assert PLAIN.allow(origin, HOST)
    assert PLAIN.headers(origin) == {"access-control-allow-origin": origin, "vary": "Origin"}


@pytest.mark.parametrize("origin", REFUSED)
def test_other_pages_are_refused(origin: str) -> None:
    assert not PLAIN.allow(origin, HOST)


def test_a_page_of_the_server_itself_is_answered() -> None:
    assert PLAIN.allow("https://gpu.example.com", "gpu.example.com")
    assert not PLAIN.allow("https://gpu.example.com.evil.com", "gpu.example.com")
    assert not PLAIN.allow("https://gpu.example.com:444", "gpu.example.com")


@pytest.mark.parametrize(
    ("entry", "allowed", "refused"),
    [
        ("https://chat.example.com", "https://chat.example.com", "http://chat.example.com"),
        ("https://chat.example.com/", "https://chat.example.com", "https://chat.example.com.evil.com"),
        ("https://*.example.com", "https://a.b.example.com", "https://example.com.evil.com"),
        ("https://*.example.com", "https://a.example.com", "https://example.com"),
        ("http://192.168.1.*", "http://192.168.1.7:3000", "http://192.168.2.7"),
        ("http://pi.lan:*", "http://pi.lan:8080", "http://pi.lan.evil.com"),
        ("chrome-extension://*", "chrome-extension://abcdef", "moz-extension://abcdef"),
        ("null", "null", "http://null"),
        ("HTTPS://Chat.Example.com", "https://chat.example.com", "https://chat.example.org"),
    ],
)
def test_entries_of_the_setting_match_whole_origins(entry: str, allowed: str, refused: str) -> None:
    rules = OriginRules.of((entry,))
    assert rules.allow(allowed, HOST)
    assert not rules.allow(refused, HOST)


def test_a_single_star_is_anyone_without_credentials() -> None:
    rules = OriginRules.of(("*",))
    assert rules.allow("https://anything.example", HOST)
    assert rules.allow("null", HOST)
    assert rules.headers("https://anything.example") == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize("entry", ["localhost:3000", "https://a.com/path", "https://a b", "://x"])
def test_an_entry_that_is_no_origin_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ConfigError, match="OLLAMA_ORIGINS"):
        OriginRules.of((entry,))


def test_a_preflight_names_the_headers_that_may_be_sent() -> None:
    answer = PLAIN.preflight("http://localhost", "Content-Type, X-Stainless-Lang, X-Secret, x-stainless-a\nb")
    allowed = answer["access-control-allow-headers"].split(", ")
    assert "content-type" in allowed
    assert "x-stainless-lang" in allowed
    assert "x-secret" not in allowed
    assert all("\n" not in header for header in allowed)
    assert "access-control-allow-credentials" not in answer

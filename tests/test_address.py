"""Addresses to listen on and to talk to."""

from __future__ import annotations

import pytest

from hearth.address import Address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "http://127.0.0.1:11434"),
        ("example.com", "http://example.com:11434"),
        ("example.com:8080", "http://example.com:8080"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":8080", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("::1", "http://[::1]:11434"),
        ("[::]:1", "http://[::1]:1"),
        ("http://example.com", "http://example.com:80"),
        ("https://example.com", "https://example.com:443"),
        ("https://example.com:8443/ollama/", "https://example.com:8443/ollama"),
        ("example.com/sub", "http://example.com:11434/sub"),
        (" 'localhost:1' ", "http://localhost:1"),
        ("HTTP://example.com", "http://example.com:80"),
    ],
)
def test_base_url(text: str, expected: str) -> None:
    assert Address.parse(text).base_url == expected


def test_a_port_alone_listens_on_every_interface() -> None:
    assert Address.parse(":8080").host == "0.0.0.0"


@pytest.mark.parametrize("text", ["host:66000", "host:-1", "host:x", "host:８０"])
def test_an_unusable_port_is_replaced_with_a_warning(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert Address.parse(text).port == 11434
    assert "invalid port" in caplog.text


@pytest.mark.parametrize(
    ("text", "loopback"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False),
     ("192.168.1.1", False), ("example.com", False), (":1", False)],
)  # fmt: skip
def test_loopback(text: str, loopback: bool) -> None:
    assert Address.parse(text).loopback is loopback

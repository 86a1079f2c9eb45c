"""Which Host headers are answered: those that nobody else can make point here."""

from __future__ import annotations

import pytest

from hearth.address import Address
from hearth.server.hosts import HostRules

LOOPBACK = HostRules.of(Address.parse("127.0.0.1:11434"), "workbench", ())
PUBLIC = HostRules.of(Address.parse("0.0.0.0:11434"), "workbench", ("gpu.example.com",))

LOCAL = [
    "localhost", "localhost:11434", "LocalHost:80", "127.0.0.1", "127.0.0.1:11434", "127.8.9.10", "[::1]",
    "[::1]:11434", "0.0.0.0:11434", "[::]", "192.168.1.20:11434", "10.0.0.1", "[fd00::1]",
    "[::ffff:127.0.0.1]:11434", "workbench", "WORKBENCH:11434", "app.localhost", "printer.local",
    "host.docker.internal:11434",
]  # fmt: skip

FOREIGN = [
    "", "attacker.com", "attacker.com:11434", "127.0.0.1.attacker.com", "localhost.attacker.com",
    "attacker.com.", "localhost.", "127.0.0.1.", "evil-localhost", "notlocalhost.com", "localhost:evil",
    "localhost:99999", "localhost:1:2", "localhost:11434@attacker.com", "attacker.com:11434#localhost",
    "attacker.com/localhost", "localhost attacker.com", "localhost,attacker.com", " localhost", "localhost\t",
    "[::1].attacker.com", "[::1]attacker.com", "[attacker.com]", "[127.0.0.1]x", "[::1", "::1", "127.1",
    "0x7f000001", "2130706433", "0177.0.0.1", ".localhost", ".local", "local", "internal",
    "xlocalhost.attacker.com", "lοcalhost", "localhost\x00", "https://localhost", "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("host", LOCAL)
@pytest.mark.parametrize("rules", [LOOPBACK, PUBLIC], ids=["loopback", "public"])
def test_local_hosts_are_answered_on_every_bind(rules: HostRules, host: str) -> None:
    assert rules.allow(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_hosts_are_refused(host: str) -> None:
    assert not LOOPBACK.allow(host)


@pytest.mark.parametrize("host", [host for host in FOREIGN if "." in host or not host.isascii()])
def test_names_that_can_be_rebound_are_refused_beyond_loopback_too(host: str) -> None:
    assert not PUBLIC.allow(host)


def test_a_public_address_is_answered_only_where_the_server_is_public() -> None:
    assert not LOOPBACK.allow("8.8.8.8")
    assert PUBLIC.allow("8.8.8.8:11434")


def test_the_address_that_the_connection_came_in_at_is_answered() -> None:
    assert LOOPBACK.allow("8.8.8.8", own="8.8.8.8")
    assert not LOOPBACK.allow("8.8.4.4", own="8.8.8.8")


def test_a_service_name_of_a_container_network_is_answered_beyond_loopback() -> None:
    assert PUBLIC.allow("hearth:11434")
    assert not LOOPBACK.allow("hearth:11434")


def test_names_from_the_settings_and_the_bound_name_are_answered() -> None:
    assert PUBLIC.allow("GPU.example.com:443")
    assert not PUBLIC.allow("other.example.com")
    assert HostRules.of(Address.parse("gpu.lan:11434"), "", ()).allow("gpu.lan")

"""What the tests of the command line share."""

from __future__ import annotations

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def _children_hear_ctrl_c() -> None:
    """A runner that starts pytest in the background leaves SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)

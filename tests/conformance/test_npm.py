"""npm's `ollama` client, run by Node's own test runner."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.daemon import Daemon

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "npm"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client installed from its lock file, outside the checkout."""
    if shutil.which("npm") is None:
        pytest.skip("NODE IS NOT INSTALLED: the npm client is not tested")
    place = tmp_path_factory.mktemp("npm")
    for name in ("package.json", "package-lock.json", "ollama.test.mjs"):
        shutil.copy(HERE / name, place / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=110)
    return place


def test_the_npm_client_works(daemon: Daemon, packages: Path) -> None:
    ran = subprocess.run(
        ["node", "--test", "ollama.test.mjs"],
        cwd=packages,
        env={**os.environ, "HEARTH_URL": daemon.url},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert "# pass 8" in ran.stdout or "ℹ pass 8" in ran.stdout

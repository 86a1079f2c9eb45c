"""A daemon that is killed in the middle of a create."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.modelfile.workshop import Workshop

from hearth.library import Library, MediaType
from hearth.names import ModelName

STEPS = ["parsing GGUF", "quantizing", "creating new layer", "writing manifest", "success"]
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("step", STEPS)
def test_the_old_model_or_the_new_one_and_no_rest(tmp_path: Path, step: str) -> None:
    root = tmp_path / "models"
    with Library(root, embedded=None) as library:
        shop = Workshop(library, root, tmp_path)
        parts = shop.split(shop.llama())
        shop.create_from(shop.llama(), system="old")
    arguments = [str(root), step, "F16", *map(str, parts)]
    died = subprocess.run(
        [sys.executable, "-m", "tests.modelfile.dying", *arguments],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL
    with Library(root, embedded=None) as library:
        assert library.damaged() == []
        model = library.find(ModelName.parse("made"))
        (system,) = model.layers(MediaType.SYSTEM)
        assert library.read_layer(system, 100) == (b"new" if step == "success" else b"old")
        assert not [path for path in (root / "blobs").iterdir() if not path.name.startswith("sha256-")]
